"""R0: facts that were read too early to count."""

import pytest
from tests.sync.cases import NOW, T0, agreed, at, decide, given_up, hub, seen, wrote

from watchstate.sync.case import Verdict


@pytest.mark.parametrize(("read_from", "is_stale"), [(T0 - 1, True), (T0, False)])
def test_a_fact_is_dropped_if_it_began_before_the_agreed_fact_began(read_from, is_stale):
    """R0: before the agreed fact began."""
    merged = decide(seen(False, read_from=read_from, read_to=NOW), agreed(True), hub(True))
    assert (merged.verdict is Verdict.STALE) is is_stale


@pytest.mark.parametrize(("read_from", "is_stale"), [(T0 + 999, True), (T0 + 1000, False)])
def test_a_fact_is_dropped_if_it_began_before_our_write_was_answered(read_from, is_stale):
    """R0: before our last write to the entry was answered; that it was sent earlier doesn't help."""
    was = agreed(True, write=wrote(True, is_filled_in=True))
    merged = decide(seen(False, read_from=read_from), was, hub(True))
    assert (merged.verdict is Verdict.STALE) is is_stale


def test_a_fact_is_dropped_while_a_write_is_in_flight():
    """R0: sent, neither answered nor given up."""
    merged = decide(seen(False), agreed(True), hub(True), intent=given_up(False, gave_up_at=None))
    assert merged.verdict is Verdict.STALE
    assert not merged.closes_intent


@pytest.mark.parametrize(("read_from", "is_stale"), [(at(30.5) - 1, True), (at(30.5), False)])
def test_a_fact_is_dropped_if_it_began_before_a_write_was_given_up(read_from, is_stale):
    """R0: before our last write was given up."""
    merged = decide(seen(True, read_from=read_from), agreed(False), hub(True), intent=given_up(True))
    assert (merged.verdict is Verdict.STALE) is is_stale


@pytest.mark.parametrize(("read_from", "is_stale"), [(NOW - 1, True), (NOW, False)])
def test_a_fact_is_dropped_if_it_began_before_a_read_that_was_already_processed(read_from, is_stale):
    """R0: before the start of a read of the same entry that was already processed, even one that changed nothing."""
    merged = decide(seen(False, read_from=read_from), agreed(True), hub(True), newest_read_from=NOW)
    assert (merged.verdict is Verdict.STALE) is is_stale


def test_a_long_answer_counts_from_the_start_of_its_request():
    """R0: the start of the request decides, not the end of the answer."""
    merged = decide(seen(False, read_from=T0 - 1, read_to=NOW), agreed(True), hub(True))
    assert merged.verdict is Verdict.STALE


def test_a_stale_fact_changes_nothing_at_all():
    """R0: dropped."""
    merged = decide(seen(False, read_from=T0 - 1), agreed(True), hub(True))
    assert (merged.hubs, merged.agreed, merged.notes, merged.unwatch) == ({}, None, (), None)


def test_a_stale_fact_is_dropped_under_a_forced_export_too():
    """R0, W8: a forced export must not agree with the past."""
    merged = decide(seen(False, read_from=T0 - 1), agreed(True), hub(True), is_forced=True)
    assert merged.verdict is Verdict.STALE
