import re
from pathlib import Path

import pytest

from watchstate.cli.spelling import spell

SEED = {
    "servers:manage --add -- NAME": "servers manage --add -- NAME",
    "state:import -vvrm": "state import -vvrm",
    "servers:view --servers-filter NAME -- webhook.token": "servers view --servers-filter NAME -- webhook.token",
    "servers:manage --regenerate-api-key -- NAME": "servers manage --regenerate-api-key -- NAME",
    "servers:unify plex": "servers unify plex",
    "help servers:unify": "servers unify --help",
    "state:export --mapper-preload -vvr": "state export --mapper-preload -vvr",
    "state:export -vvr --mapper-preload --servers-filter server1,server2": (
        "state export -vvr --mapper-preload --servers-filter server1,server2"
    ),
    "state:export -vvrm --ignore-date --force-full --servers-filter NAME": (
        "state export -vvrm --ignore-date --force-full --servers-filter NAME"
    ),
    "servers:remote --list-users-with-tokens -- my_plex_1": "servers users -- my_plex_1",
}


@pytest.mark.parametrize(("seeds", "ours"), SEED.items())
def test_a_command_line_of_the_seed_becomes_one_of_ours(seeds: str, ours: str) -> None:
    assert spell(seeds.split()) == ours.split()


def test_the_table_above_has_every_command_line_of_the_seed() -> None:
    page = Path(__file__).parents[2].parent / "shared" / "spec-seed-readme.md"
    if not page.exists():
        pytest.skip("the seed's README is not here (../shared)")
    lines = re.findall(r"console ((?:help )?\w+:\w.*)", page.read_text())
    plain = {" ".join(line.replace("[SERVER_NAME]", "NAME").replace("'", "").split()) for line in lines}
    assert plain == SEED.keys()


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ("", ""),
        ("help", "--help"),
        ("help servers", "servers --help"),
        ("--version", "--version"),
        ("servers list -v", "servers list -v"),
        ("-vv servers:list", "servers list -vv"),
        ("-v -c x.yaml servers view -- webhook.token", "servers view -v -c x.yaml -- webhook.token"),
        ("--config=x.yaml servers list", "servers list --config=x.yaml"),
        ("-c", "-c"),
        ("servers view state:import", "servers view state:import"),
        ("http://h", "http://h"),
        ("servers:remote my_plex_1 --list-users", "servers users my_plex_1"),
        ("servers:remote --list-libraries -- my_plex_1", "servers remote --list-libraries -- my_plex_1"),
    ],
)
def test_other_command_lines(given: str, ours: str) -> None:
    assert spell(given.split()) == ours.split()
