from watchstate.sync.folding import QUIET, Folding

NOW = 1_700_000_000_000


def test_the_first_event_on_an_entry_is_due_at_once():
    folding = Folding()
    folding.ask("e1", 1)
    assert folding.next_at(NOW) <= NOW
    assert folding.take(NOW) == {"e1": {1}}
    assert folding.next_at(NOW) is None


def test_what_comes_within_two_seconds_shares_one_read_after_them():
    folding = Folding()
    folding.ask("e1", 1)
    folding.take(NOW)
    folding.ask("e1", 2)
    folding.ask("e1", 3)
    assert folding.take(NOW + QUIET - 1) == {}
    assert folding.next_at(NOW) == NOW + QUIET
    assert folding.take(NOW + QUIET) == {"e1": {2, 3}}


def test_the_trailing_read_begins_another_two_seconds():
    folding = Folding()
    for event, at in enumerate(range(NOW, NOW + 10 * QUIET, QUIET // 4)):
        folding.ask("e1", event)
        folding.take(at)
    folding.ask("e1", 99)
    assert folding.next_at(NOW + 10 * QUIET) > NOW + 9 * QUIET


def test_after_two_quiet_seconds_an_event_is_due_at_once_again():
    folding = Folding()
    folding.ask("e1", 1)
    folding.take(NOW)
    folding.take(NOW + QUIET)
    folding.ask("e1", 2)
    assert folding.take(NOW + QUIET) == {"e1": {2}}


def test_entries_do_not_wait_for_each_other():
    folding = Folding()
    folding.ask("e1", 1)
    folding.take(NOW)
    folding.ask("e1", 2)
    folding.ask("e2", 3)
    assert folding.take(NOW + 1) == {"e2": {3}}


def test_a_clock_that_is_set_back_keeps_nothing_waiting():
    folding = Folding()
    folding.ask("e1", 1)
    folding.take(NOW)
    folding.ask("e1", 2)
    assert folding.next_at(NOW - 3_600_000) < NOW - 3_600_000
    assert folding.take(NOW - 3_600_000) == {"e1": {2}}
