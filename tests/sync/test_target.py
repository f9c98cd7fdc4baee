"""W1: what an account still needs, derived from hub and agreed."""

import pytest
from msgspec.structs import replace
from tests.sync.cases import EMBY_LIKE, FILM, JF10, JF12, PLEX_LIKE, agreed, at, hub, minutes, span

from watchstate.api import Capabilities
from watchstate.clock import MINUTE
from watchstate.states import UNKNOWN_HUB, Agreed, HubState
from watchstate.sync.target import NOTHING, Entrant, Target, target, wanted_watched


def want(
    hubs: HubState | tuple[HubState, ...],
    was: Agreed | None,
    *,
    on: Capabilities = JF10,
    runtime: int | None = FILM,
    **more: object,
) -> Target:
    """Return the target of an entry that stands for one item per hub state."""
    each = hubs if isinstance(hubs, tuple) else (hubs,)
    items = tuple(range(1, len(each) + 1))
    return target(Entrant(items=items, runtime_ms=runtime), dict(zip(items, each, strict=True)), was, on, **more)


def placed(position: float, watched: bool | None = None, runtime: int | None = FILM) -> HubState:
    """Return a hub state with a position."""
    return hub(watched, span(-10, -10), position, position_runtime_ms=runtime, position_changed=span(-10, -10))


@pytest.mark.parametrize(
    ("hubs", "wanted"),
    [
        ((True,), True),
        ((False,), False),
        ((None,), None),
        ((True, True), True),
        ((True, False), False),
        ((None, False), False),
        ((True, None), None),
        ((), None),
    ],
)
def test_unwatched_if_any_is_unwatched_watched_if_all_are(hubs, wanted):
    """W1, M5: unwatched if any of the entry's items is, watched if all are, otherwise none."""
    assert wanted_watched([hub(watched) for watched in hubs]) is wanted


@pytest.mark.parametrize("watched", [True, False])
def test_an_account_that_differs_needs_a_write(watched):
    """W1: the target differs from agreed in watched."""
    assert want(hub(watched), agreed(not watched)).watched is watched


@pytest.mark.parametrize("watched", [True, False, None])
def test_an_account_that_agrees_needs_nothing(watched):
    """W1: converged means silent."""
    assert not want(hub(watched), agreed(bool(watched))).is_write


@pytest.mark.parametrize("watched", [True, False])
def test_an_unknown_hub_writes_nothing(watched):
    """W1, W8: unknown writes nothing, not even under a forced export."""
    assert not want(UNKNOWN_HUB, agreed(watched, 30)).is_write
    assert not want(UNKNOWN_HUB, agreed(watched, 30), is_forced=True).is_write


@pytest.mark.parametrize("was", [None, agreed(None)])
def test_an_entry_that_was_never_agreed_about_is_not_written(was):
    """W1: the target is compared with agreed; without one the first fact comes first."""
    assert want(hub(True), was) == NOTHING


@pytest.mark.parametrize(("missed", "is_write"), [(2, True), (3, False)])
def test_a_gone_entry_is_not_written(missed, is_write):
    """R4: entries count as gone after three complete scans in a row without them."""
    assert want(hub(True), agreed(False, missed_scans=missed)).is_write is is_write


def test_an_entry_with_an_unknown_item_is_never_un_marked_for_it():
    """M5: un-marked only because one of its items is unwatched, never because one is unknown."""
    assert not want((hub(True), UNKNOWN_HUB), agreed(True)).is_write
    assert want((hub(False), UNKNOWN_HUB), agreed(True)).watched is False


def test_an_entry_with_an_unknown_item_is_never_marked():
    """M5, W1: watched when all are; otherwise watched is not written."""
    assert not want((hub(True), UNKNOWN_HUB), agreed(False)).is_write


def test_where_nothing_is_wanted_a_position_still_is():
    """W1: otherwise none: watched is not written, a position still is."""
    wanted = want(placed(40), agreed(False))
    assert (wanted.watched, wanted.position_ms) == (None, minutes(40))


def test_an_unwatched_write_carries_the_position():
    """W1, W3: unless one is written."""
    wanted = want(placed(40, watched=False), agreed(True))
    assert (wanted.watched, wanted.position_ms) == (False, minutes(40))


def test_an_unwatched_write_needs_no_clearing_of_its_own():
    """W3: a watched or un-watched write also sets position to none."""
    wanted = want(hub(False), agreed(True, 30))
    assert (wanted.watched, wanted.position_ms) == (False, None)


def test_an_unwatched_write_repeats_a_position_that_it_would_clear():
    """W1, W3: the account shows the hub's position already, and the un-mark takes it away."""
    assert want(placed(40, watched=False), agreed(True, 40)).position_ms == minutes(40)


@pytest.mark.parametrize(("difference", "is_write"), [(10, False), (11, True)])
def test_positions_within_ten_seconds_are_no_difference(difference, is_write):
    """W1, R1: within 10 s."""
    assert want(placed(40 + difference / 60), agreed(False, 40)).is_write is is_write


@pytest.mark.parametrize(("gap", "is_write"), [(MINUTE, True), (MINUTE + 1, False)])
def test_a_position_travels_only_to_the_same_cut(gap, is_write):
    """R7: only if both run times are known and within a minute."""
    assert want(placed(40), agreed(False), runtime=FILM + gap).is_write is is_write


@pytest.mark.parametrize(("one", "other"), [(None, FILM), (FILM, None), (None, None)])
def test_a_position_does_not_travel_without_both_run_times(one, other):
    """R7: only if both run times are known."""
    wanted = want(placed(40, runtime=one), agreed(False), runtime=other)
    assert (wanted.is_write, wanted.rule) == (False, "R7")
    assert "run time" in wanted.reason


@pytest.mark.parametrize(("position", "is_write"), [(90, True), (90.1, False)])
def test_a_position_near_the_end_does_not_travel(position, is_write):
    """R7: above 90 % of the run time."""
    assert want(placed(position), agreed(False)).is_write is is_write


def test_a_position_near_the_end_is_not_overwritten():
    """R7: a position that may not travel is no difference for W1."""
    assert not want(placed(40), agreed(False, 95)).is_write


@pytest.mark.parametrize("watched", [False, None])
def test_a_position_near_the_end_is_not_cleared(watched):
    """R7: a position that may not travel is no difference for W1, whatever the hub holds."""
    assert not want(placed(0, watched=watched), agreed(False, 95)).is_write


def test_a_position_that_the_server_did_not_keep_is_not_written_again():
    """R7: that the server did not keep."""
    assert not want(placed(40), agreed(False, 0, unkept_position_ms=minutes(40))).is_write
    assert want(placed(50), agreed(False, 0, unkept_position_ms=minutes(40))).is_write


def test_a_watched_hubs_position_is_no_difference():
    """R7: that belongs to a watched hub."""
    assert not want(replace(hub(True), position_ms=minutes(40)), agreed(True, 10)).is_write


def test_an_entry_with_several_items_gets_no_position():
    """R7: or to an entry with several items."""
    assert not want((placed(40, watched=False), placed(40, watched=False)), agreed(False)).is_write


def test_a_position_is_written_only_where_the_server_can():
    """R7: a capability."""
    assert not want(placed(40), agreed(False), on=Capabilities()).is_write


def test_a_cleared_position_is_cleared():
    """W1: position 0 is a value."""
    assert want(placed(0, watched=False), agreed(False, 40)).position_ms == 0


def test_a_position_is_cleared_only_where_the_server_can():
    """W1: no difference that could never be written (Plex)."""
    assert not want(placed(0, watched=False), agreed(False, 40), on=PLEX_LIKE).is_write


def test_a_hub_that_never_heard_of_a_position_clears_none():
    """W1: nobody has reported one, so nothing is wanted."""
    assert not want(UNKNOWN_HUB, agreed(False, 40)).is_write


def test_dates_travel_where_the_server_takes_them():
    """R7: dates travel with a watched mark, by the server's clock."""
    wanted = want(hub(True, watched_at=at(-90)), agreed(False), skew_ms=5000)
    assert wanted.raw_date == at(-90) + 5000
    assert want(hub(True, watched_at=at(-90)), agreed(False), on=EMBY_LIKE).raw_date == at(-90)


def test_dates_do_not_travel_where_the_server_stamps_its_own():
    """R7: where the backend can set them."""
    assert want(hub(True, watched_at=at(-90)), agreed(False), on=PLEX_LIKE).raw_date is None


def test_no_date_travels_with_an_un_mark_or_a_position():
    """R7: with a watched mark."""
    assert want(hub(False), agreed(True)).raw_date is None
    assert want((hub(False), hub(True)), agreed(True)).raw_date is None
    assert want(placed(40), agreed(False)).raw_date is None


def test_the_latest_date_travels_to_an_entry_with_several_items():
    """R7, M5: one date for all of them."""
    hubs = (hub(True, watched_at=at(-90)), hub(True, watched_at=at(-80)))
    assert want(hubs, agreed(False)).raw_date == at(-80)


def test_a_difference_in_dates_or_counts_alone_causes_no_write():
    """R7: a play count is recorded, never pushed; a difference in dates alone causes no write."""
    assert not want(hub(True, watched_at=at(-90)), agreed(True, raw_watched_at=at(-5), play_count=9)).is_write


@pytest.mark.parametrize("watched", [True, False])
def test_nothing_is_written_to_an_entry_that_is_being_watched_again(watched):
    """R6: the mark equals watched; a target unwatched is compared with the raw flag, so nothing is written."""
    assert not want(hub(watched), agreed(False, 30, is_rewatching=True)).is_write


def test_no_position_is_written_to_an_entry_that_is_being_watched_again():
    """R6: nothing is delivered to it."""
    assert not want(placed(60, watched=False), agreed(False, 30, is_rewatching=True)).is_write


@pytest.mark.parametrize(("gap", "is_write"), [(MINUTE, True), (MINUTE + 1, False)])
@pytest.mark.parametrize("capabilities", [JF10, JF12, PLEX_LIKE])
def test_a_play_later_than_the_watch_is_left_alone(gap, is_write, capabilities):
    """R6: only if its date is more than 60 s after the hub's changed_to, on any server."""
    watched = hub(True, span(-30, -10))
    was = agreed(False, 30, raw_watched_at=at(-10) + gap)
    assert want(watched, was, on=capabilities).is_write is is_write


@pytest.mark.parametrize("date", [0, None])
def test_an_undated_play_does_not_keep_watched_away(date):
    """R6: if earlier or undated, watched is delivered."""
    assert want(hub(True), agreed(False, 30, raw_watched_at=date)).watched is True


@pytest.mark.parametrize(("position", "is_write"), [(59.9 / 60, True), (1, False)])
def test_only_an_open_position_keeps_watched_away(position, is_write):
    """R6, R1: an agreed unwatched state with a position; under 60 s counts as none."""
    assert want(hub(True, span(-30, -30)), agreed(False, position, raw_watched_at=at(-10))).is_write is is_write


def test_the_skew_counts_when_a_play_is_compared_with_the_watch():
    """R6, R3: the date is the server's, the hub's change is by our clock."""
    was = agreed(False, 30, raw_watched_at=at(-5))
    assert not want(hub(True, span(-30, -10)), was).is_write
    assert want(hub(True, span(-30, -10)), was, skew_ms=minutes(10)).is_write


def test_a_forced_export_overrules_a_later_play():
    """W8: the hub wins over every fact."""
    assert want(hub(True, span(-30, -30)), agreed(False, 30, raw_watched_at=at(-10)), is_forced=True).watched is True


@pytest.mark.parametrize(
    ("hubs", "was", "reason"),
    [
        (hub(True, origin="den"), agreed(False), "watched on den"),
        (hub(False, origin="den"), agreed(True), "unwatched on den"),
        (hub(True), agreed(False), "watched"),
        ((hub(True, origin="den"), hub(True, origin="attic")), agreed(False), "watched on attic, den"),
    ],
)
def test_a_write_says_what_it_is_for(hubs, was, reason):
    """W1: the plan shows where the state comes from."""
    assert want(hubs, was).reason == reason


def test_a_write_of_a_position_says_what_it_is_for():
    """W1: the plan shows where the position comes from."""
    assert want(replace(placed(30), origin="den"), agreed(False)).reason == "position on den"


@pytest.mark.parametrize(
    ("was", "position", "runtime", "reason"),
    [
        (agreed(False), 30, None, "its run time differs, or is not known: another cut"),
        (agreed(False), 119, FILM, "the position is too close to the end"),
        (agreed(False, unkept_position_ms=minutes(30)), 30, FILM, "the server did not keep this position"),
    ],
)
def test_a_position_that_stays_says_why(was, position, runtime, reason):
    """W1, R7: a difference that is left alone is explained."""
    wanted = want(placed(position), was, runtime=runtime)
    assert (wanted.reason, wanted.rule, wanted.is_write) == (reason, "R7", False)


def test_a_later_play_keeps_no_position_away():
    """R6, R7: it is the watched mark that a later play resists; of positions, the hub has the later one."""
    assert want(placed(30), agreed(False, 20, raw_watched_at=at(-5))).position_ms == minutes(30)


@pytest.mark.parametrize(
    ("was", "reason"),
    [
        (agreed(False, 30, is_rewatching=True), "somebody is watching it again there"),
        (agreed(False, 30, raw_watched_at=at(-10)), "its resume position there is newer than the watch"),
    ],
)
def test_a_mark_that_is_kept_away_says_why(was, reason):
    """W1, R6: a difference that is left alone is explained."""
    wanted = want(hub(True, span(-30, -30)), was)
    assert (wanted.reason, wanted.rule, wanted.is_write) == (reason, "R6", False)
