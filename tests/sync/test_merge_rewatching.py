"""R6: an unwatched fact on a server whose plays clear the flag: an un-mark, or somebody watching again."""

import pytest
from tests.sync.cases import (
    EMBY_LIKE,
    ITEM,
    JF10,
    JF12,
    PLEX_LIKE,
    agreed,
    at,
    decide,
    hub,
    hub_after,
    seen,
    span,
    written,
    wrote,
)

from watchstate.sync.case import Verdict

WATCHED_ONCE = agreed(True)
WATCHING = agreed(False, 30, play_count=2, raw_watched_at=at(-5), is_rewatching=True)


def is_re_watch(merged) -> bool:
    """Say whether the merge took it for watching again."""
    return merged.agreed is not None and merged.agreed.is_rewatching and merged.hubs == {}


def is_un_mark(merged) -> bool:
    """Say whether the merge took it for an un-mark."""
    return merged.hubs[ITEM].watched is False if merged.hubs else False


@pytest.mark.parametrize("capabilities", [JF10, EMBY_LIKE])
def test_an_unwatched_fact_whose_count_grew_is_a_re_watch(capabilities):
    """R6: a re-watch if its count grew."""
    merged = decide(seen(False, 30, play_count=2, raw_watched_at=at(10)), WATCHED_ONCE, hub(True), on=capabilities)
    assert is_re_watch(merged)
    assert (merged.verdict, merged.notes, merged.unwatch) == (Verdict.CHANGED, (), None)


def test_an_unwatched_fact_whose_count_did_not_grow_is_an_un_mark():
    """R6: the count didn't grow, so it was un-marked; that it was started since then changes nothing."""
    assert is_un_mark(decide(seen(False, 30, play_count=1, raw_watched_at=at(10)), WATCHED_ONCE, hub(True)))


def test_an_unwatched_fact_with_count_and_date_cleared_is_an_un_mark():
    """R6: if both are cleared it was un-marked."""
    assert is_un_mark(decide(seen(False, play_count=0, raw_watched_at=0), WATCHED_ONCE, hub(True)))


def test_without_an_agreed_count_only_a_cleared_count_and_date_is_an_un_mark():
    """R6: if agreed's count is unknown and count and date are not both cleared, it is a re-watch."""
    was = agreed(True, play_count=None)
    assert is_re_watch(decide(seen(False, 0, play_count=1, raw_watched_at=at(10)), was, hub(True)))
    assert is_re_watch(decide(seen(False, 0, play_count=1, raw_watched_at=0), was, hub(True)))
    assert is_re_watch(decide(seen(False, 0, play_count=0, raw_watched_at=at(10)), was, hub(True)))
    assert is_un_mark(decide(seen(False, 0, play_count=0, raw_watched_at=0), was, hub(True)))


def test_a_start_right_after_our_own_watched_write_is_a_re_watch():
    """R6, W3: after a write the count is unknown until a fact fills it in."""
    assert is_re_watch(decide(seen(False, play_count=1, raw_watched_at=at(10)), written(True), hub(True)))


@pytest.mark.parametrize("capabilities", [PLEX_LIKE, JF12])
def test_where_a_start_keeps_the_flag_an_unwatched_fact_is_an_un_mark(capabilities):
    """R6: not Plex, not Jellyfin 12."""
    fact = seen(False, 30, play_count=2, raw_watched_at=at(10))
    assert is_un_mark(decide(fact, WATCHED_ONCE, hub(True), on=capabilities))


@pytest.mark.parametrize(
    "missing", [{"play_count": None}, {"raw_watched_at": None}, {"play_count": None, "raw_watched_at": None}]
)
@pytest.mark.parametrize("was", [WATCHED_ONCE, WATCHING], ids=["watched", "re-watching"])
def test_a_listing_row_without_count_or_date_needs_a_detail_read(missing, was):
    """R6: a count or date that the fact doesn't carry is unknown, not cleared."""
    merged = decide(seen(False, is_detailed=False, **missing), was, hub(True), on=EMBY_LIKE)
    assert (merged.verdict, merged.hubs, merged.agreed) == (Verdict.NEEDS_DETAIL, {}, None)


def test_a_detail_without_a_count_is_not_taken_for_a_cleared_one():
    """R6: unknown is not cleared, even if there is no more to be had."""
    assert is_re_watch(decide(seen(False, play_count=None, raw_watched_at=0), WATCHED_ONCE, hub(True), on=EMBY_LIKE))


def test_a_listing_row_that_carries_both_is_enough():
    """R6: judged at once where nothing is missing."""
    assert is_un_mark(decide(seen(False, is_detailed=False, play_count=0, raw_watched_at=0), WATCHED_ONCE, hub(True)))


def test_the_same_re_watch_seen_again_writes_no_row():
    """R6, R1: anything else is still the same re-watch."""
    merged = decide(seen(False, 30, play_count=2, raw_watched_at=at(-5)), WATCHING, hub(True))
    assert (merged.verdict, merged.agreed, merged.hubs) == (Verdict.SAME, None, {})


@pytest.mark.parametrize(
    "fact",
    [
        seen(False, 60, play_count=2, raw_watched_at=at(-5)),
        seen(False, 60, play_count=3, raw_watched_at=at(10)),
        seen(False, 0, play_count=2, raw_watched_at=at(-5) + 2000),
        seen(False, 0, play_count=2, raw_watched_at=0),
        seen(False, 0, play_count=None, raw_watched_at=0),
    ],
    ids=["further on", "started again", "date grew by 2 s", "only the date is cleared", "count unknown"],
)
def test_while_watching_again_anything_else_is_the_same_re_watch(fact):
    """R6: anything else is still the same re-watch."""
    merged = decide(fact, WATCHING, hub(True))
    assert is_re_watch(merged) or merged.verdict is Verdict.SAME


@pytest.mark.parametrize(
    "fact",
    [
        seen(False, 0, play_count=0, raw_watched_at=0),
        seen(False, 0, play_count=1, raw_watched_at=at(-5)),
        seen(False, 0, play_count=2, raw_watched_at=at(-5) + 2001),
    ],
    ids=["both cleared", "the count fell", "equal count, later date"],
)
def test_while_watching_again_these_are_un_marks(fact):
    """R6: count and date both cleared, the count fell, or the count is equal and the date grew by more than 2 s."""
    merged = decide(fact, WATCHING, hub(True))
    assert is_un_mark(merged)
    assert merged.agreed is not None
    assert not merged.agreed.is_rewatching


def test_an_un_mark_that_equals_the_raw_agreed_state_is_not_swallowed():
    """R1: an unwatched fact on an entry with the re-watching mark goes to R6 first."""
    was = agreed(False, 0, play_count=2, raw_watched_at=at(-5), is_rewatching=True)
    assert is_un_mark(decide(seen(False, 0, play_count=0, raw_watched_at=0), was, hub(True)))


def test_a_re_watch_ends_with_a_watched_fact_that_is_watched_again():
    """R6, R1: it ends with a watched fact (watched again)."""
    before = hub(True)
    merged = decide(seen(True, play_count=2, raw_watched_at=at(5)), WATCHING, before)
    assert hub_after(merged, before).watched_at == at(5)
    assert merged.agreed is not None
    assert not merged.agreed.is_rewatching


def test_the_end_of_a_re_watch_undoes_an_earlier_un_watch_elsewhere():
    """R6, R3: the watch is the later change."""
    before = hub(False, span(2, 2))
    assert decide(seen(True, play_count=2, raw_watched_at=at(5)), WATCHING, before).hubs[ITEM].watched is True


def test_the_position_of_a_re_watch_reaches_no_hub():
    """R6: its position is for display."""
    merged = decide(seen(False, 60, play_count=2, raw_watched_at=at(-5)), WATCHING, hub(False))
    assert merged.hubs == {}


def test_re_watching_equals_watched_when_the_hub_is_compared_with_agreed():
    """R3: re-watching equals watched, so the un-mark is taken by a hub that still is watched."""
    assert is_un_mark(decide(seen(False, play_count=0, raw_watched_at=0), WATCHING, hub(True, span(-70, -1))))


def test_an_item_newly_linked_during_a_re_watch_is_first_contact():
    """R6, R2: the mark is about what the entry stood for."""
    fact = seen(False, 60, play_count=2, raw_watched_at=at(-5))
    merged = decide(fact, WATCHING, {1: hub(True), 2: hub(True)}, items=(1, 2))
    assert merged.hubs == {}
    assert merged.agreed is not None
    assert (merged.agreed.items, merged.agreed.is_rewatching) == ((1, 2), True)


def test_the_record_of_our_write_stays_while_somebody_watches_again():
    """R6, R2: what we wrote is needed to know its date again."""
    was = agreed(True, write=wrote(True, is_filled_in=True))
    merged = decide(seen(False, 20, play_count=2, raw_watched_at=at(5)), was, hub(True))
    assert merged.agreed is not None
    assert (merged.agreed.is_rewatching, merged.agreed.write) == (True, was.write)
