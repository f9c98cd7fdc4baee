import subprocess
import sys

import pytest

HEAVY = ("sqlmodel", "sqlalchemy", "alembic", "httpx", "litestar", "stamina", "stevedore")

PROGRAM = """
import sys
from watchstate.cli import run
code = run(sys.argv[1:])
print("imported:", *sorted(name for name in sys.modules if name.partition(".")[0] in {heavy}))
sys.exit(code)
"""


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "--version",
        "serve --help",
        "servers --help",
        "plugins --help",
        "plugins list --help",
        "servers list",
    ],
)
def test_what_asks_no_server_starts_without_database_and_http(line: str) -> None:
    program = PROGRAM.format(heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", program, *line.split()], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.splitlines()[-1] == "imported:"
