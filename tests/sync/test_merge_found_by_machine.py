"""Lives that tests/property found, made small: each once broke a promise, and must not again."""

from msgspec.structs import replace
from tests.sync.household import Household, Page
from tests.sync.media_server import EMBY, EMBY_IN_PART, JELLYFIN_10, JELLYFIN_12, PLEX

from watchstate.clock import MINUTE
from watchstate.sync.brake import BrakeLimits


def test_a_watch_elsewhere_while_a_long_answer_came_is_not_older_than_an_un_mark_here():
    """R3: an answer that took an hour tells nothing about who came first within that hour."""
    home = Household()
    home.add("A", PLEX)
    home.add("B", PLEX)
    home.mark("A")
    home.wait(5)
    page = home.read("A")
    home.wait(5)
    home.unmark("A")
    home.wait(30)
    home.mark("B")
    home.scan("B")
    home.wait(30)
    home.process(Page("A", {one: replace(fact, read_to=home.now) for one, fact in page.facts.items()}, page.read_from))
    home.wait(5)
    home.round()
    home.round()
    assert (home.watched("A"), home.watched("B"), home.hub().watched) == (True, True, True)


def test_a_watch_after_a_forced_export_counts_although_the_listing_has_no_counts():
    """R1, W8: what a listing without counts leaves unknown is filled in by the next read that has them."""
    home = Household()
    home.add("A", EMBY_IN_PART)
    home.add("B", EMBY)
    home.mark("B")
    home.round()
    home.mark("A")
    home.export_forced("A")
    home.wait(10)
    home.reread("A")
    home.wait(10)
    home.unmark("B")
    home.wait(10)
    home.start("A")
    home.wait(90)
    home.finish("A")
    home.wait(10)
    for _ in range(3):
        home.round()
    assert (home.watched("A"), home.watched("B"), home.hub().watched) == (True, True, True)


def test_a_play_after_a_count_that_fell_unseen_is_no_un_mark():
    """R1, R6: un-marked and played to the end between two looks, it shows watched with a smaller count."""
    home = Household()
    home.add("A", JELLYFIN_10)
    home.add("B", EMBY)
    home.start("A")
    home.wait(5)
    home.mark("A")
    home.scan("A")
    home.wait(5)
    home.unmark("A")
    home.wait(80)
    home.finish("A")
    home.scan("A")
    home.wait(60)
    home.play_until("A", 20)
    home.round()
    home.round()
    assert (home.hub().watched, home.watched("B")) == (True, True)


def test_a_watch_that_was_under_way_at_a_forced_export_counts_when_it_ends():
    """R1, W8: where a start counts, a play that a forced export finds under way is not counted before its end."""
    home = Household()
    home.add("A", JELLYFIN_12)
    home.add("B", JELLYFIN_10)
    home.mark("B")
    home.round()
    home.round()
    home.start("A")
    home.wait(10)
    home.reach("A", 10)
    home.export_forced("A")
    home.unmark("B")
    home.wait(80)
    home.finish("A")
    home.wait(10)
    home.round()
    home.round()
    assert (home.watched("A"), home.watched("B"), home.hub().watched) == (True, True, True)


def test_a_held_un_mark_stays_one_when_the_film_is_started_after_it():
    """R5, R6: the count of a start after the un-mark is no second watch."""
    home = Household(BrakeLimits(items=0, percent=0, titles=0))
    home.add("A", JELLYFIN_10)
    home.add("B", EMBY)
    home.mark("B")
    home.round()
    home.round()
    home.wait(10)
    home.unmark("A")
    home.scan("A")
    assert home.books["A"].held
    home.play_until("A", 20)
    home.scan("A")
    assert home.books["A"].held
    home.accept_held("A")
    home.round()
    home.round()
    assert (home.hub().watched, home.watched("B")) == (False, False)


def test_a_replaced_file_that_is_being_played_does_not_take_the_position_away():
    """R4, R7: the position that stood there before was the old file's; the new one has not been left anywhere yet."""
    home = Household()
    shown = home.add("A", JELLYFIN_10).entries["a"]
    home.add("B", EMBY)
    home.play_until("A", 30)
    home.round()
    home.round()
    shown.added_at, shown.position_ms, shown.count, shown.date = 2, 0, 0, 0
    home.start("A")
    home.scan("A")
    home.stop("A")
    home.round()
    home.round()
    assert (home.hub().position_ms, home.position("A"), home.position("B")) == (30 * MINUTE, 30, 30)


def test_our_write_to_a_copy_that_shares_its_state_is_no_second_watch():
    """W4: the other copy shows the date that we sent, and nobody watched anything."""
    home = Household()
    entries = home.add("A", JELLYFIN_10, {"a": (1,), "a4k": (1,)}).entries
    entries["a4k"] = entries["a"]
    home.add("B", PLEX)
    home.mark("A", "a")
    home.round()
    home.wait(60)
    home.mark("B")
    home.scan("B")
    home.wait(60)
    home.unmark("A", "a")
    home.wait(5)
    home.reread("A", "a")
    home.mark("B")
    home.scan("B")
    home.deliver("A")
    before = home.hub()
    home.wait(60)
    home.reread("A", "a4k")
    assert home.watched("A", "a4k")
    assert home.hub() == before
