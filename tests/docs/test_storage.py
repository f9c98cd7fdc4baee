import pytest
from tests.docs.pages import DOCS, codes, rows, section

from watchstate.storage.tables import Schema

pytestmark = pytest.mark.docs

PAGE = DOCS / "reference" / "storage.md"


def test_the_page_has_exactly_the_tables():
    assert [codes(row[0])[0] for row in rows(section(PAGE, "Tables"))] == list(Schema.metadata.tables)
