import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace
from sqlalchemy import event
from tests.storage.shelf import NOW, Shelf, agreed

from watchstate.states import HubState
from watchstate.storage import catalogue, number_list, states
from watchstate.storage.catalogue import EntryRow, ItemRow

FULL = EntryRow(
    entry_id="E1",
    fingerprint=-(2**63),
    kind="episode",
    title="Pilot",
    show_title="A show",
    year=1999,
    season=0,
    episodes=(1, 2),
    runtime_ms=2_700_000,
    path="/shows/A show/S00E01-E02.mkv",
    library_id="tv",
    match="ambiguous",
    candidates=(7, 9),
)
BARE = EntryRow(entry_id="E2", fingerprint=2**63 - 1, kind="movie")


@pytest.mark.parametrize("entry", [FULL, BARE], ids=["everything set", "nothing set"])
def test_an_entry_comes_back_as_it_was(shelf, entry):
    (row,) = catalogue.save_entries(shelf.conn, shelf.server_id, [entry]).values()
    saved = replace(entry, row=row)

    assert catalogue.entries(shelf.conn, shelf.server_id, [entry.entry_id]) == {entry.entry_id: saved}
    assert catalogue.entries_by_row(shelf.conn, [row]) == {row: saved}


def test_the_full_entry_sets_every_field():
    assert [field.name for field in fields(EntryRow) if getattr(FULL, field.name) == field.default] == ["row", "items"]


def test_a_changed_entry_keeps_its_row(shelf):
    before = catalogue.save_entries(shelf.conn, shelf.server_id, [replace(FULL, entry_id="E2")])
    after = catalogue.save_entries(shelf.conn, shelf.server_id, [BARE])

    assert after == before
    assert catalogue.entries(shelf.conn, shelf.server_id, ["E2"])["E2"] == replace(BARE, row=before["E2"])


def test_saving_returns_the_row_of_every_entry_old_and_new(shelf):
    old = catalogue.save_entries(shelf.conn, shelf.server_id, [FULL])["E1"]
    rows = catalogue.save_entries(shelf.conn, shelf.server_id, [replace(FULL, row=old), BARE])

    assert rows["E1"] == old
    assert catalogue.entries_by_row(shelf.conn, rows.values()).keys() == {old, rows["E2"]}


def test_saving_an_entry_keeps_its_items(shelf):
    item = shelf.item()
    row = shelf.entry("E1", item)
    catalogue.save_entries(shelf.conn, shelf.server_id, [replace(FULL, row=row)])

    assert catalogue.entries_by_row(shelf.conn, [row])[row].items == (item,)


def test_thousands_of_entries_come_back(shelf):
    entries = [replace(BARE, entry_id=f"E{number}") for number in range(2100)]
    rows = catalogue.save_entries(shelf.conn, shelf.server_id, entries)
    found = catalogue.entries(shelf.conn, shelf.server_id, rows)

    assert {entry.entry_id: entry.row for entry in found.values()} == rows
    assert len(set(rows.values())) == 2100


def test_servers_have_entry_ids_of_their_own(shelf):
    other = Shelf(shelf.conn, "cellar")
    first, second = shelf.entry("E1"), other.entry("E1")

    assert first != second
    assert catalogue.entries(shelf.conn, shelf.server_id, ["E1"])["E1"].row == first


def test_entry_ids_that_differ_in_case_are_different(shelf):
    assert shelf.entry("abc") != shelf.entry("ABC")


def test_the_items_of_an_entry_are_in_the_order_of_its_episodes(shelf):
    first, second = shelf.item(), shelf.item()
    row = shelf.entry("E1", second, first)

    assert catalogue.entries_by_row(shelf.conn, [row])[row].items == (second, first)


def test_linking_replaces_the_items(shelf):
    items = [shelf.item() for _ in range(3)]
    row = shelf.entry("E1", *items)
    catalogue.link(shelf.conn, {row: items[1:2]})

    assert catalogue.entries_by_row(shelf.conn, [row])[row].items == (items[1],)


def test_saving_keys_replaces_them(shelf):
    row = shelf.entry("E1", keys={"movie:imdb:tt1", "movie:tmdb:1"})
    catalogue.save_keys(shelf.conn, {row: ["movie:imdb:tt1", "movie:tvdb:2"]})

    item = shelf.item()
    catalogue.link(shelf.conn, {row: [item]})
    assert catalogue.item_keys(shelf.conn, [item]) == {item: {"movie:imdb:tt1", "movie:tvdb:2"}}


def test_created_items_come_back_under_their_ids(shelf):
    items = [ItemRow(kind="episode", title=f"{number}", show_title="S", year=1, season=0, episode=2) for number in "ab"]
    ids = catalogue.create_items(shelf.conn, items, NOW)

    assert catalogue.items(shelf.conn, ids) == {
        number: replace(item, item_id=number) for number, item in zip(ids, items, strict=True)
    }


def test_thousands_of_items_get_their_ids_in_order(shelf):
    ids = catalogue.create_items(shelf.conn, [ItemRow(kind="movie", title=str(number)) for number in range(2100)], NOW)
    found = catalogue.items(shelf.conn, ids)

    assert [found[number].title for number in ids] == [str(number) for number in range(2100)]


def test_candidates_are_the_items_of_entries_that_carry_a_key(shelf):
    first, second = shelf.item(), shelf.item()
    one = shelf.entry("one", first, keys=["movie:imdb:tt1", "movie:tmdb:1"])
    double = shelf.entry("double", first, second, keys=["movie:tmdb:1"])
    shelf.entry("unmatched", keys=["movie:tmdb:1"])
    shelf.entry("other", first, keys=["movie:tmdb:2"])

    assert sorted(catalogue.item_candidates(shelf.conn, ["movie:imdb:tt1", "movie:tmdb:1", "movie:tvdb:9"])) == [
        ("movie:imdb:tt1", first, one),
        ("movie:tmdb:1", first, one),
        ("movie:tmdb:1", first, double),
        ("movie:tmdb:1", second, double),
    ]


def test_the_keys_of_an_item_are_those_of_all_its_entries(shelf):
    item = shelf.item()
    shelf.entry("one", item, keys=["a", "b"])
    shelf.entry("two", item, keys=["b", "c"])

    assert catalogue.item_keys(shelf.conn, [item]) == {item: {"a", "b", "c"}}


def test_the_keys_of_an_item_can_be_had_without_those_of_one_entry(shelf):
    item = shelf.item()
    row = shelf.entry("one", item, keys=["a", "b"])
    shelf.entry("two", item, keys=["b", "c"])

    assert catalogue.item_keys(shelf.conn, [item], without_row=row) == {item: {"b", "c"}}


def test_the_entries_of_an_item_are_those_of_every_server(shelf):
    other, item = Shelf(shelf.conn, "cellar"), shelf.item()
    ours, theirs = shelf.entry("E1", item), other.entry("E1", item)
    known = catalogue.entries_by_row(shelf.conn, [ours, theirs])

    assert catalogue.entries_of_items(shelf.conn, [item]) == {
        item: [(shelf.server_id, known[ours]), (other.server_id, known[theirs])]
    }


def test_an_item_that_no_entry_stands_for_has_no_entries(shelf):
    item = shelf.item()

    assert catalogue.entries_of_items(shelf.conn, [item]) == {item: []}


class TestReplacingAnItem:
    """M7: the old item is gone, and whatever stood for it stands for the new one."""

    @pytest.fixture
    def old(self, shelf):
        return shelf.item("Old")

    @pytest.fixture
    def new(self, shelf, old):
        return shelf.item("New")

    def test_its_entries_move(self, shelf, old, new):
        row = shelf.entry("one", old)
        catalogue.replace_items(shelf.conn, {old: new})

        assert catalogue.entries_by_row(shelf.conn, [row])[row].items == (new,)

    def test_an_entry_that_stood_for_both_stands_for_it_once(self, shelf, old, new):
        third = shelf.item()
        row = shelf.entry("both", old, third, new)
        catalogue.replace_items(shelf.conn, {old: new})

        assert catalogue.entries_by_row(shelf.conn, [row])[row].items == (third, new)

    def test_the_old_item_is_gone_with_its_hub_states(self, shelf, old, new):
        for identity in ("main", "alice"):
            states.save_hubs(shelf.conn, identity, {old: HubState(watched=True), new: HubState(watched=False)})
        catalogue.replace_items(shelf.conn, {old: new})

        assert catalogue.items(shelf.conn, [old, new]).keys() == {new}
        assert states.hubs(shelf.conn, "alice", [old, new]) == {new: HubState(watched=False)}
        assert states.hubs(shelf.conn, "main", [old, new]) == {new: HubState(watched=False)}

    def test_agreements_name_the_new_item_also_those_of_other_accounts(self, shelf, old, new):
        row, alice = shelf.entry("one", old), shelf.account("alice")
        shelf.agree(row, items=(old,))
        shelf.agree(row, items=(old,), account_id=alice)
        catalogue.replace_items(shelf.conn, {old: new})

        for account_id in (shelf.account_id, alice):
            assert states.agreed(shelf.conn, account_id, [row])[row] == agreed(items=(new,))

    def test_agreements_about_several_items_name_each_once_and_in_order(self, shelf, old, new):
        third = shelf.item()
        one, both, neither = shelf.entry("one"), shelf.entry("both"), shelf.entry("neither")
        shelf.agree(one, items=(old, third))
        shelf.agree(both, items=(old, new, third))
        shelf.agree(neither, items=(third,))
        catalogue.replace_items(shelf.conn, {old: new})

        found = states.agreed(shelf.conn, shelf.account_id, [one, both, neither])
        assert [state.items for state in found.values()] == [(new, third), (new, third), (third,)]

    def test_a_number_that_contains_its_digits_is_another_item(self, shelf, old, new):
        row = shelf.entry("one")
        others = (int(f"{old}1"), int(f"1{old}"))
        shelf.agree(row, items=tuple(sorted(others)))
        catalogue.replace_items(shelf.conn, {old: new})

        assert states.agreed(shelf.conn, shelf.account_id, [row])[row].items == tuple(sorted(others))

    def test_an_ambiguous_entry_could_be_the_new_item(self, shelf, old, new):
        entry = replace(FULL, candidates=(old, new))
        (row,) = catalogue.save_entries(shelf.conn, shelf.server_id, [entry]).values()
        catalogue.replace_items(shelf.conn, {old: new})

        assert catalogue.entries_by_row(shelf.conn, [row])[row].candidates == (new,)

    def test_many_are_replaced_with_one_look_through_all_agreements(self, shelf, new):
        olds = [shelf.item() for _ in range(20)]
        rows = [shelf.entry(str(old), old) for old in olds]
        for row, old in zip(rows, olds, strict=True):
            shelf.agree(row, items=(old,))
        looks = []
        event.listen(shelf.conn, "before_cursor_execute", lambda _conn, _cursor, sql, *_: looks.append(sql))
        catalogue.replace_items(shelf.conn, dict.fromkeys(olds, new))

        assert len([sql for sql in looks if sql.startswith("SELECT") and "FROM agreed" in sql]) == 1
        found = states.agreed(shelf.conn, shelf.account_id, rows)
        assert {state.items for state in found.values()} == {(new,)}

    def test_its_id_is_not_used_again(self, shelf, new):
        last = shelf.item()
        catalogue.replace_items(shelf.conn, {last: new})

        assert shelf.item() > last


@given(numbers=st.lists(st.integers(0, 10**12)))
def test_a_list_of_numbers_comes_back_from_its_text(numbers):
    assert number_list.from_text(number_list.to_text(numbers)) == tuple(numbers)
