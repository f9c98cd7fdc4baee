import pytest
from msgspec.structs import fields, replace
from tests.storage.shelf import NOW

from watchstate.storage import journal
from watchstate.storage.journal import JournalLine

BARE = JournalLine(at=NOW, identity="main", event="marked", rule="R3", before={}, after={})
FULL = JournalLine(
    at=NOW,
    identity="main",
    item_id=4711,
    server="attic",
    entry_id="E1",
    event="watched",
    rule="R3",
    before={"watched": None, "changed": [1, 2], "origin": "é"},
    after={"watched": True},
    run_id=1,
)


@pytest.mark.parametrize("line", [FULL, BARE], ids=["everything set", "nothing set"])
def test_a_line_comes_back_as_it_was(shelf, line):
    journal.append(shelf.conn, [line])

    assert [kept for _, kept in journal.lines(shelf.conn)] == [line]


def test_the_full_line_sets_every_field():
    assert all(getattr(FULL, field.name) for field in fields(JournalLine))


def test_the_newest_line_comes_first(shelf):
    journal.append(shelf.conn, [replace(BARE, event=event) for event in ("first", "second", "third")])
    found = journal.lines(shelf.conn, limit=2)

    assert [line.event for _, line in found] == ["third", "second"]
    assert found[0][0] > found[1][0]


def test_lines_can_be_had_of_an_item_or_of_a_run(shelf):
    of_item, of_run = replace(BARE, item_id=5), replace(BARE, run_id=shelf.run_id)
    journal.append(shelf.conn, [of_item, of_run])

    assert [line for _, line in journal.lines(shelf.conn, item_id=5)] == [of_item]
    assert [line for _, line in journal.lines(shelf.conn, run_id=shelf.run_id)] == [of_run]


def test_every_line_counts(shelf):
    journal.append(shelf.conn, [BARE] * 2100)

    assert journal.count(shelf.conn) == 2100


def unwatch(item_id, **changes):
    line = JournalLine(
        at=NOW,
        identity="main",
        item_id=item_id,
        server="attic",
        entry_id="E",
        event="unwatched",
        rule="R3",
        before={"watched": True},
        after={"watched": False},
    )
    return replace(line, **changes)


def titles(shelf):
    return journal.unwatched_titles_since(shelf.conn, "attic", "main", NOW)


def test_un_watched_items_are_told_by_the_title_of_their_film_or_show(shelf):
    film, episode = shelf.item("Film"), shelf.item("Pilot", show_title="Show")
    journal.append(shelf.conn, [unwatch(film), unwatch(episode)])

    assert sorted(titles(shelf)) == ["Film", "Show"]


def test_two_episodes_of_a_show_are_two_titles(shelf):
    journal.append(shelf.conn, [unwatch(shelf.item(title, show_title="Show")) for title in ("1", "2")])

    assert titles(shelf) == ["Show", "Show"]


def test_an_item_un_watched_twice_counts_once(shelf):
    film = shelf.item("Film")
    journal.append(shelf.conn, [unwatch(film), unwatch(film)])

    assert titles(shelf) == ["Film"]


@pytest.mark.parametrize(
    "changes",
    [
        {"at": NOW - 1},
        {"server": "cellar"},
        {"identity": "alice"},
        {"event": "wrote unwatched", "rule": "W1"},
        {"after": {"watched": True}},
        {"after": {"position_ms": 5}},
        {"before": {"watched": False}},
    ],
    ids=str,
)
def test_anything_else_is_no_un_watch_of_this_account(shelf, changes):
    journal.append(shelf.conn, [unwatch(shelf.item(), **changes)])

    assert titles(shelf) == []
