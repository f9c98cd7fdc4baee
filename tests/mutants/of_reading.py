"""Mistakes in the rules of reading: R0 to R4."""

from tests.mutants.mutant import Mutant

MERGE = "sync/merge.py"
CHANGE = "sync/change.py"
FIRST_CONTACT = "sync/first_contact.py"

STALE = (
    Mutant(
        rule="R0",
        words="a page that began before a newer read of the entry counts",
        file=MERGE,
        old="        if began < agreed.read_from:\n            return True\n",
        new="",
        tests=("sync/test_merge_stale.py::test_a_fact_is_dropped_if_it_began_before_the_agreed_fact_began",),
    ),
    Mutant(
        rule="R0",
        words="a read that began while our write was under way counts",
        file=MERGE,
        old="began < agreed.write.answered_at",
        new="began < agreed.write.sent_at",
        tests=("sync/test_merge_stale.py::test_a_fact_is_dropped_if_it_began_before_our_write_was_answered",),
    ),
    Mutant(
        rule="R0",
        words="a read counts while a write is in flight",
        file=MERGE,
        old="(intent.gave_up_at is None or began < intent.gave_up_at)",
        new="intent.gave_up_at is not None and began < intent.gave_up_at",
        tests=("sync/test_merge_stale.py::test_a_fact_is_dropped_while_a_write_is_in_flight",),
    ),
    Mutant(
        rule="R0",
        words="a read that changed nothing makes no older page stale",
        file=MERGE,
        old="return newest is not None and began < newest",
        new="return False",
        tests=("sync/test_counter_examples.py::test_row_19_an_old_page_is_stale_after_a_read_that_changed_nothing",),
    ),
)

SAME = (
    Mutant(
        rule="R1",
        words="a position that moved by a second is another",
        file="sync/intervals.py",
        old="POSITION_TOLERANCE = 10 * SECOND",
        new="POSITION_TOLERANCE = SECOND",
        tests=("sync/test_merge_same.py::test_a_position_that_moved_within_ten_seconds_is_the_same",),
    ),
    Mutant(
        rule="R1",
        words="the row is written although the fact equals agreed",
        file=MERGE,
        old="if watched is None and not moved and not needs_refresh(agreed, case.seen, case.items):\n"
        "        return Merged(verdict=Verdict.SAME)\n    unkept",
        new="unkept",
        tests=("sync/test_merge_same.py::test_a_fact_that_equals_agreed_writes_no_row",),
    ),
    Mutant(
        rule="R1",
        words="a grown count is nothing new",
        file=MERGE,
        old="seen.play_count > agreed.play_count:\n        return True",
        new="seen.play_count > agreed.play_count:\n        return False",
        tests=(
            "sync/test_merge_same.py::test_a_grown_count_is_another_watch_that_moves_only_the_hubs_dates",
            "sync/test_counter_examples.py::test_row_01_a_second_watch_is_not_lost_to_a_pending_un_watch",
        ),
    ),
    Mutant(
        rule="R1",
        words="a date that grew under an open position is a watch",
        file=MERGE,
        old="DATE_TOLERANCE\n        and not is_open(seen.position_ms)",
        new="DATE_TOLERANCE",
        tests=("sync/test_merge_same.py::test_a_date_that_grew_under_an_open_position_is_a_play_and_no_watch",),
    ),
    Mutant(
        rule="R1",
        words="a mere start is a watch where starts are counted",
        file="sync/echo.py",
        old="return capabilities.start_counts and (is_open(seen.position_ms) or seen.is_playing)",
        new="return False",
        tests=("sync/test_counter_examples.py::test_row_34_a_mere_start_of_a_watched_film_is_no_second_watch",),
    ),
    Mutant(
        rule="R1",
        words="a full scan whose rows lack counts doesn't begin with a list of changes",
        file="sync/importing.py",
        old="(not is_due or not work.capabilities.batch_reads_complete)",
        new="not is_due",
        tests=("engine/test_partial_rows.py::test_a_second_watch_of_a_watched_film_is_noticed",),
    ),
)

MEETING = (
    Mutant(
        rule="R2",
        words="an unwatched entry that is new un-watches",
        file=FIRST_CONTACT,
        old="if seen.watched else hub\n",
        new="if seen.watched else replace(hub, watched=False)\n",
        tests=(
            "sync/test_merge_first_contact.py::test_an_unwatched_fact_on_first_contact_changes_nothing",
            "engine/test_sync.py::test_a_new_empty_server_takes_nothing_away",
        ),
    ),
    Mutant(
        rule="R2",
        words="the date that our own write made is a person's",
        file=FIRST_CONTACT,
        old="is_open(seen.position_ms) or _is_ours(seen, shown, own_writes)",
        new="is_open(seen.position_ms)",
        tests=("sync/test_merge_first_contact.py::test_a_date_that_our_own_write_made_is_no_date",),
    ),
    Mutant(
        rule="R2",
        words="the date of a play is that of a watch",
        file=FIRST_CONTACT,
        old="is_open(seen.position_ms) or _is_ours(seen, shown, own_writes)",
        new="_is_ours(seen, shown, own_writes)",
        tests=(
            "sync/test_counter_examples.py::test_row_24_a_play_of_an_entry_that_we_never_saw_is_no_watch",
            "sync/test_merge_first_contact.py::test_an_undated_watched_fact_changes_no_hub_that_knows_better",
        ),
    ),
    Mutant(
        rule="R2",
        words="an unwatched hub yields to a watch that may be earlier",
        file=FIRST_CONTACT,
        old="date > hub.changed.ends + MARGIN",
        new="date > hub.changed.begins",
        tests=("sync/test_merge_first_contact.py::test_an_unwatched_hub_yields_only_to_a_certainly_later_watch",),
    ),
    Mutant(
        rule="R2",
        words="an older position of a server that is new replaces the hub's",
        file=FIRST_CONTACT,
        old="if not is_news and not is_later:",
        new="if hub.watched:",
        tests=(
            (
                "sync/test_merge_first_contact.py::"
                "test_a_position_is_adopted_if_its_date_is_after_the_hub_positions_change"
            ),
        ),
    ),
)

CHANGING = (
    Mutant(
        rule="R3",
        words="an unwatched fact on an unwatched agreement un-watches",
        file=MERGE,
        old="if not seen.watched and (agreed.watched or agreed.is_rewatching):\n        return _lost",
        new="if not seen.watched:\n        return _lost",
        tests=("sync/test_merge_changes.py::test_an_unwatched_fact_on_an_unwatched_agreement_never_un_watches",),
    ),
    Mutant(
        rule="R3",
        words="an equal hub is an unchanged one, whenever it changed",
        file=CHANGE,
        old="hub_is_agreed and known.ends <= min(agreed.read_to, agreed.read_from + MARGIN)",
        new="hub_is_agreed",
        tests=(
            "sync/test_merge_changes.py::test_an_equal_hub_must_not_have_changed_after_the_agreed_answer",
            "sync/test_counter_examples.py::test_row_02_an_unseen_un_watch_does_not_undo_a_newer_watch_elsewhere",
        ),
    ),
    Mutant(
        rule="R3",
        words="a long answer orders what happened elsewhere while it came",
        file=CHANGE,
        old="min(agreed.read_to, agreed.read_from + MARGIN)",
        new="agreed.read_to",
        tests=(
            (
                "sync/test_merge_found_by_machine.py::"
                "test_a_watch_elsewhere_while_a_long_answer_came_is_not_older_than_an_un_mark_here"
            ),
        ),
    ),
    Mutant(
        rule="R3",
        words="a change is later as soon as it begins after the other's end",
        file="sync/intervals.py",
        old="one.begins > other.ends + MARGIN",
        new="one.begins > other.ends",
        tests=(
            "sync/test_merge_changes.py::test_an_un_mark_beats_a_watch_only_if_it_is_certainly_later",
            "sync/test_merge_changes.py::test_a_watch_beats_an_unwatched_hub_unless_that_is_certainly_later",
        ),
    ),
    Mutant(
        rule="R3",
        words="in unknown order, unwatched wins",
        file=CHANGE,
        old="after = taken if watched else hub",
        new="after = hub if watched else taken",
        tests=(
            "sync/test_merge_changes.py::test_an_un_mark_beats_a_watch_only_if_it_is_certainly_later",
            "sync/test_merge_changes.py::test_a_watch_beats_an_unwatched_hub_unless_that_is_certainly_later",
        ),
    ),
    Mutant(
        rule="R3",
        words="in unknown order, the smaller position wins",
        file=CHANGE,
        old="position < hub.position_ms",
        new="position > hub.position_ms",
        tests=("sync/test_merge_changes.py::test_of_two_positions_in_unknown_order_the_larger_wins",),
    ),
    Mutant(
        rule="R3",
        words="a scan that did not list the entry is a look at it",
        file=CHANGE,
        old=" and agreed.missed_scans == 0",
        new="",
        tests=("sync/test_merge_changes.py::test_a_scan_that_did_not_list_the_entry_is_no_look",),
    ),
    Mutant(
        rule="R3",
        words="the date of a start is taken for that of the end",
        file=CHANGE,
        old="whole.ends if context.capabilities.date_is_start else date",
        new="date",
        tests=("sync/test_counter_examples.py::test_row_17_a_watch_dated_by_its_start_ends_later",),
    ),
    Mutant(
        rule="R3",
        words="the position of before stays under an un-watched hub",
        file=CHANGE,
        old="        watched_at=date if watched else None,\n        position_ms=0,",
        new="        watched_at=date if watched else None,\n        position_ms=hub.position_ms,",
        tests=("sync/test_counter_examples.py::test_row_29_an_un_watch_takes_the_old_position_away",),
    ),
)

NO_CHOICE = (
    Mutant(
        rule="R4",
        words="a replaced file was un-marked",
        file=MERGE,
        old="agreed.added_at is not None and seen.added_at is not None and agreed.added_at != seen.added_at\n\n",
        new="False\n\n",
        tests=(
            "sync/test_merge_first_contact.py::test_an_unwatched_fact_with_another_added_date_is_first_contact",
            "engine/test_no_choice.py::test_r4_a_replaced_file_gets_its_mark_back",
        ),
    ),
    Mutant(
        rule="R4",
        words="what was missing from one scan was un-marked",
        file=MERGE,
        old="(agreed.missed_scans > 0 or _was",
        new="(agreed.missed_scans > 2 or _was",
        tests=(
            "sync/test_merge_first_contact.py::test_an_unwatched_fact_is_first_contact_if_it_was_missing_from_any_scan",
            ("engine/test_rows_01_12.py::test_row_10_an_entry_that_was_missing_and_lost_its_state_un_watches_nothing"),
        ),
    ),
    Mutant(
        rule="R4",
        words="another machine behind the url is believed",
        file="sync/machine.py",
        old="machine_id != info.machine_id",
        new="machine_id == ''",
        tests=(
            "engine/test_no_choice.py::test_r4_another_machine_behind_the_url_is_refused_until_it_is_accepted",
            "engine/test_bad_input.py::test_a_server_that_was_swapped_is_refused_unread_and_unwritten",
        ),
    ),
    Mutant(
        rule="R4",
        words="a list that is shorter than its total is complete",
        file="sync/importing.py",
        old="(state.total is not None and len(state.rows) == state.total)",
        new="state.total is not None",
        tests=("engine/test_no_choice.py::test_r4_a_list_with_fewer_entries_than_it_says_proves_nothing_missing",),
    ),
    Mutant(
        rule="R4",
        words="a list of changes proves everything else missing",
        file="sync/importing.py",
        old="if is_whole and report.is_complete:",
        new="if report.is_complete:",
        tests=("engine/test_changes.py::test_an_unwatch_is_found_by_the_next_full_scan_and_not_before",),
    ),
    Mutant(
        rule="R4",
        words="an entry that is gone is written to",
        file="sync/target.py",
        old=" or agreed.missed_scans >= GONE_AFTER",
        new="",
        tests=("sync/test_target.py::test_a_gone_entry_is_not_written",),
    ),
)

OF_READING = (*STALE, *SAME, *MEETING, *CHANGING, *NO_CHOICE)
