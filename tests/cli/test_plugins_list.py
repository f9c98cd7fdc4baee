import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def rows(command: Command) -> dict[str, dict[str, str]]:
    result = command("plugins list --output json")
    assert result.code == 0
    return {row["name"]: row for row in json.loads(result.out)}


def test_a_backend_that_no_server_uses_is_listed_and_not_loaded(command: Command) -> None:
    assert rows(command)["jellyfin"]["status"] == "not used"
    assert rows(command)["jellyfin"]["distribution"] == "watchstate-jellyfin"


def test_a_backend_in_use_is_loaded(command: Command, servers_file: Path, home: None) -> None:
    servers_file.write_text(servers_file.read_text().replace("type: fake", "type: jellyfin"))
    assert rows(command)["jellyfin"]["status"] == "ready"


def test_a_type_that_nothing_provides_is_listed_with_the_reason(command: Command, home: None) -> None:
    row = rows(command)["fake"]
    assert row["status"] == "missing"
    assert row["reason"]
