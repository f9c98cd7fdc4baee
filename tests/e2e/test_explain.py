"""`state explain`: why a title is as it is, from every side."""

import pytest
from tests.engine.home import episode, movie

from watchstate.testing import Fault, FaultKind


@pytest.fixture
def synced(shell):
    assert shell("state", "sync").code == 0
    shell.home.clock.pass_time()
    return shell


def test_it_tells_what_each_server_shows_now_beside_what_was_agreed(synced):
    synced.home["two"].unwatch(synced.home.pair[1])
    out = synced("state", "explain", "Film 1").out
    assert "The hub says: watched" in out
    assert "decided under R2 (first contact) by one entry" in out
    assert "shows now unwatched, 0 play(s)" in out
    assert out.count("agreed on watched") == 2
    assert out.count("nothing to write") == 2


def test_asking_changes_nothing(synced):
    synced.home["two"].unwatch(synced.home.pair[1])
    before = synced.json("state", "journal"), synced.writes()
    synced("state", "explain", "Film 1")
    assert (synced.json("state", "journal"), synced.writes()) == before


def test_a_server_that_does_not_answer_is_told_in_its_place(synced):
    synced.home["two"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=503, times=99))
    synced("state", "explain", "Film 1")
    assert synced.code == 0
    assert "shows now nothing: two: " in synced.out
    assert "shows now watched" in synced.out


def test_another_machine_behind_the_address_is_told_and_not_asked(synced):
    synced.home["two"].simulator.change_machine()
    assert "accept-new-machine" in synced("state", "explain", "Film 1").out


def test_it_tells_what_will_be_written_and_why_not_yet(synced):
    two, entry = synced.home["two"], synced.home.pair[1]
    synced("items", "mark", "Film 1", "unwatched")
    two.simulator.start(two.user, entry)
    out = synced("state", "explain", "Film 1").out
    assert out.count("next export writes: unwatched (W1: unwatched on watchstate)") == 2
    assert out.count("being played") == out.count("not before it stops playing there (W6)") == 1


def test_a_paused_account_is_told(synced):
    two = synced.home["two"].simulator
    two.faults.plan(Fault(kind=FaultKind.STATUS, status=401, times=99, path="/Items"))
    synced("state", "import")
    synced("items", "mark", "Film 1", "unwatched")
    assert "it is paused: two: " in synced("state", "explain", "Film 1").out


@pytest.mark.parametrize(
    "wanted",
    ["imdb:tt0001001", "IMDB:tt0001001", "tt0001001", "/films/film 1", "1", "item:1", "film 1", "FILM  1 (1991)"],
)
def test_a_title_is_found_by_id_provider_id_path_and_title(synced, wanted):
    assert synced.json("state", "explain", wanted)["title"] == "Film 1 (1991)"


def test_a_title_is_found_by_the_entry_of_a_server(synced):
    assert synced.json("state", "explain", f"two:{synced.home.pair[1]}")["title"] == "Film 1 (1991)"


@pytest.mark.parametrize("wanted", ["show 1x02", "Show 1x02 Half/Half", "half/half"])
def test_an_episode_is_found_by_what_is_printed_of_it_and_by_a_title_with_a_slash(synced, wanted):
    for number in range(1, 30):
        synced.home["one"].add(episode(1, number, title="Half/Half" if number == 2 else f"Not half/half {number}"))
    synced("state", "import", "--force-full")
    assert synced.json("state", "explain", wanted)["title"] == "Show 1x02 Half/Half"


def test_a_film_that_is_called_as_an_item_is_numbered_is_asked_for_and_never_guessed(synced):
    synced.home["one"].add(movie(17, title="1"))
    synced("state", "import", "--force-full")
    rows = synced.json("state", "explain", "1")
    assert [row["item"] for row in rows] == ["item:1", "item:2"]
    synced("items", "mark", "1", "watched")
    assert (synced.code, "give one as item:ID" in synced.err) == (2, True)
    assert [synced.json("state", "explain", row["item"])["title"] for row in rows] == [row["title"] for row in rows]


def test_the_same_is_there_for_programs(synced):
    value = synced.json("state", "explain", "Film 1")
    entries = {one["server"]: one for one in value["entries"]}
    assert entries["two"]["now"]["state"]["watched"] is True
    assert entries["two"]["agreed"]["watched"] is True
    assert entries["two"]["target"]["rule"] == "W1"
    assert value["hubs"]["main"]["origin"] == "one"


def test_an_entry_without_any_id_says_so_and_what_to_do(synced):
    entry = synced.home["one"].add(movie(5, ids={}))
    synced("state", "import")
    out = synced("state", "explain", f"one:{entry}").out
    assert "Its ids: none" in out
    assert "Identify it on one" in out
    assert synced.json("state", "explain", "film 5")["candidates"] == []


def test_an_ambiguous_entry_names_its_candidates(synced):
    """M3: its ids contradict each other, and nobody guesses."""
    synced.home["one"].add(movie(7))
    synced.home["one"].add(movie(8))
    synced("state", "import", "--force-full", "--servers-filter", "one")  # servers are read side by side
    both = synced.home["two"].add(movie(9, title="Mixed", ids={"Imdb": "tt0001007", "Tmdb": "1008"}))
    synced("state", "import", "--force-full")
    synced("state", "explain", f"two:{both}")
    assert synced.code == 0
    assert "ambiguous" in synced.out
    assert "Film 7 (1997)" in synced.out
    assert "Film 8 (1998)" in synced.out
    value = synced.json("state", "explain", "Mixed")
    assert [one["title"] for one in value["candidates"]] == ["Film 7", "Film 8"]
    synced("items", "mark", "Mixed", "watched")
    assert (synced.code, "is matched with nothing" in synced.err) == (2, True)


def test_titles_and_entries_that_fit_are_listed_together(synced):
    entry = synced.home["one"].add(movie(11, ids={}))
    synced("state", "import")
    synced("state", "explain", "film")
    assert synced.code == 2
    assert f"one:{entry}" in synced.out
    assert "unmatched" in synced.out
    assert "Film 1 (1991)" in synced.out
