"""Cases that a review of the rules' code found."""

from tests.sync.cases import EMBY_LIKE, PLEX_LIKE, T0, agreed, at, decide, given_up, hub, seen, span, wrote

from watchstate.clock import DAY
from watchstate.sync.target import Entrant, target


def test_a_watch_days_after_a_crash_is_not_taken_for_our_own_write():
    """W3: nobody gave the write up before the restart, but it can't have been applied days after it was sent."""
    week_later = T0 + 7 * DAY
    fact = seen(True, raw_watched_at=T0 + 3 * DAY, read_from=week_later, read_to=week_later + 200)
    merged = decide(
        fact,
        agreed(False),
        hub(False, span(10, 20)),
        on=PLEX_LIKE,
        intent=given_up(True, gave_up_at=week_later - 1000),
    )
    assert merged.hubs[1].watched is True


def test_a_listing_without_count_and_date_does_not_erase_what_is_known():
    """R6: what a fact doesn't carry is unknown, not cleared."""
    fact = seen(True, play_count=None, raw_watched_at=None, is_detailed=False, added_at=2)
    merged = decide(fact, agreed(True), hub(True), on=EMBY_LIKE)
    assert merged.agreed is not None
    assert (merged.agreed.play_count, merged.agreed.raw_watched_at) == (1, at(-60))


def test_the_date_of_our_own_position_write_is_no_later_play():
    """R6: a server that stamps itself dates our write of a position; watched is delivered all the same."""
    shown = agreed(False, 30, raw_watched_at=at(60), write=wrote(None, sent_at=at(60), answered_at=at(60.1)))
    wanted = target(Entrant(items=(1,)), {1: hub(True, span(5, 5))}, shown, PLEX_LIKE)
    assert wanted.watched is True
    played = agreed(False, 30, raw_watched_at=at(60))
    assert target(Entrant(items=(1,)), {1: hub(True, span(5, 5))}, played, PLEX_LIKE).watched is None
