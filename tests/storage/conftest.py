"""A migrated database for each test, copied from one that is made once."""

import asyncio
import shutil

import pytest
from tests.storage.shelf import NOW, Shelf

from watchstate.storage import open_storage
from watchstate.storage.connections import make_engine, parse


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    file = tmp_path_factory.mktemp("template") / "watchstate.db"
    asyncio.run(open_storage(f"sqlite:///{file}", clock=lambda: NOW).close())
    return file


@pytest.fixture
def file(template, tmp_path):
    return shutil.copy(template, tmp_path / "watchstate.db")


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


@pytest.fixture
async def storage(url):
    storage = open_storage(url, clock=lambda: NOW)
    yield storage
    await storage.close()


@pytest.fixture
def conn(url):
    engine = make_engine(parse(url), 1000, begin="BEGIN IMMEDIATE")
    with engine.begin() as conn:
        yield conn
    engine.dispose()


@pytest.fixture
def shelf(conn):
    return Shelf(conn)
