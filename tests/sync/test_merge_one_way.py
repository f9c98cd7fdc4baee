"""R8 and W8: accounts whose facts don't change the hub."""

import pytest
from tests.sync.cases import ITEM, JF10, agreed, at, decide, given_up, hub, minutes, seen, span, written

from watchstate.sync.case import Verdict


@pytest.mark.parametrize(
    ("fact", "was"),
    [
        (seen(True, raw_watched_at=at(30)), None),
        (seen(True, raw_watched_at=at(30)), agreed(False)),
        (seen(False), agreed(True)),
        (seen(False, 30), agreed(False)),
        (seen(True, play_count=2, raw_watched_at=at(30)), agreed(True)),
    ],
    ids=["first contact", "watch", "un-mark", "position", "watched again"],
)
@pytest.mark.parametrize("before", [hub(True), hub(False), hub(None)])
def test_with_import_off_a_fact_never_changes_the_hub(fact, was, before):
    """R8: the account's facts never change the hub, they only tell what is to be written."""
    merged = decide(fact, was, before, imports=False)
    assert (merged.hubs, merged.notes, merged.unwatch) == ({}, (), None)
    assert merged.agreed is not None
    assert merged.agreed.watched is fact.watched


def test_with_import_off_nothing_is_held_back():
    """R8, R5: there is nothing to hold: agreed becomes the fact, and W1 writes the hub's state."""
    merged = decide(seen(False), agreed(True), hub(True), imports=False, holds_back=True)
    assert (merged.verdict, merged.agreed and merged.agreed.watched) == (Verdict.CHANGED, False)


def test_with_import_off_our_writes_are_settled_all_the_same():
    """R8, W3: export goes on."""
    merged = decide(seen(True), agreed(False), hub(True), imports=False, intent=given_up(True))
    assert (merged.closes_intent, merged.agreed and merged.agreed.watched) == (True, True)


def test_with_import_off_a_refused_retry_keeps_its_time():
    """R8, W3: not before a minute has passed."""
    merged = decide(seen(False), agreed(False), hub(True), imports=False, intent=given_up(True))
    assert merged.retry_at == at(31.5)


def test_after_import_was_switched_on_a_watch_made_before_reaches_the_hub():
    """R8: switching import on makes all the account's entries first contact."""
    off = decide(seen(True, raw_watched_at=at(30)), agreed(False), None, imports=False)
    assert off.agreed is not None
    forgotten = agreed(None, write=off.agreed.write)
    later = seen(True, raw_watched_at=at(30), read_from=at(90), read_to=at(90))
    assert decide(later, forgotten, None).hubs[ITEM].watched is True


@pytest.mark.parametrize("was", [None, agreed(True), agreed(False), written(True)])
@pytest.mark.parametrize("watched", [True, False])
def test_under_a_forced_export_the_facts_become_agreed_and_nothing_else(was, watched):
    """W8: nothing is imported from them; the facts become agreed."""
    merged = decide(seen(watched, 30, raw_watched_at=at(30)), was, hub(not watched), is_forced=True)
    assert (merged.hubs, merged.notes, merged.unwatch) == ({}, (), None)
    assert merged.agreed is not None
    assert (merged.agreed.watched, merged.agreed.position_ms) == (watched, minutes(30))


def test_under_a_forced_export_a_re_watch_is_overruled():
    """W8: the hub wins over every fact."""
    was = agreed(False, 30, is_rewatching=True, play_count=2)
    merged = decide(seen(False, 30, play_count=2), was, hub(True), on=JF10, is_forced=True)
    assert merged.agreed is not None
    assert (merged.agreed.watched, merged.agreed.is_rewatching) == (False, False)


def test_under_a_forced_export_an_open_write_is_closed_by_the_fact():
    """W8, W3: dropped only by a fact, and this is one."""
    assert decide(seen(True), agreed(False), hub(True), intent=given_up(True), is_forced=True).closes_intent


def test_under_a_forced_export_an_un_mark_un_watches_nothing():
    """W8: not even one that the brake held."""
    merged = decide(seen(False), agreed(True), hub(True), is_forced=True, held=span(0, 5), holds_back=True)
    assert (merged.verdict, merged.hubs) == (Verdict.CHANGED, {})
