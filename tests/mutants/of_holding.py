"""Mistakes in the rules of what is held back, left alone, or one-way: R5 to R8."""

from tests.mutants.mutant import Mutant

MERGE = "sync/merge.py"
REWATCH = "sync/rewatch.py"
TARGET = "sync/target.py"
IMPORTING = "sync/importing.py"
RUNS = "sync/runs.py"

BRAKE = (
    Mutant(
        rule="R5",
        words="twenty un-marks are too many",
        file="sync/brake.py",
        old="len(titles) > limits.items",
        new="len(titles) >= limits.items",
        tests=("sync/test_brake.py::test_more_than_twenty_items_are_held",),
    ),
    Mutant(
        rule="R5",
        words="twenty-one un-marks are too many for any library",
        file="sync/brake.py",
        old="        and len(titles) * 100 > watched_items * limits.percent\n",
        new="",
        tests=("sync/test_brake.py::test_more_than_five_percent_of_the_watched_items_are_held",),
    ),
    Mutant(
        rule="R5",
        words="a person may not un-mark a whole show",
        file="sync/brake.py",
        old="        and len(set(titles)) > limits.titles\n",
        new="",
        tests=(
            "sync/test_brake.py::test_more_than_three_titles_are_held",
            "engine/test_no_choice.py::test_r5_twenty_five_episodes_of_one_show_go_through",
        ),
    ),
    Mutant(
        rule="R5",
        words="a scan applies its un-marks page by page",
        file=IMPORTING,
        old="        holds_back=True,\n        is_list_of_changes",
        new="        holds_back=False,\n        is_list_of_changes",
        tests=(
            "engine/test_rows_26_37.py::test_row_33_un_watches_over_several_pages_are_held_together",
            "engine/test_brake.py::test_a_scan_that_breaks_in_its_middle_unwatches_nothing_yet",
        ),
    ),
    Mutant(
        rule="R5",
        words="un-marks that arrive one by one are counted one by one",
        file=IMPORTING,
        old="        titles = _titles_of_the_day(engine, work, conn)\n",
        new="        titles: list[str] = []\n",
        tests=("engine/test_rows_26_37.py::test_row_33_un_watches_that_arrive_one_by_one_are_held_from_the_limit_on",),
    ),
    Mutant(
        rule="R5",
        words="what is held goes through when it gets less",
        file=IMPORTING,
        old="if not is_too_much and reading.row.row not in held]\n    _hold(conn, work, waiting)",
        new="if not is_too_much]\n    _hold(conn, work, waiting)",
        tests=("engine/test_no_choice.py::test_r5_what_is_held_waits_for_a_decision_also_when_it_gets_less",),
    ),
    Mutant(
        rule="R5",
        words="an accepted un-mark counts as made when it was accepted",
        file=MERGE,
        old="if watched is False and case.context.held is not None:\n        return case.context.held, None\n    ",
        new="",
        tests=("sync/test_merge_changes.py::test_an_accepted_hold_keeps_its_held_interval",),
    ),
    Mutant(
        rule="R5",
        words="a held un-mark is watching again once its title is started",
        file=MERGE,
        old="    if case.context.held is not None:\n        return _apply(case, agreed, watched=False)\n",
        new="",
        tests=("sync/test_merge_found_by_machine.py::test_a_held_un_mark_stays_one_when_the_film_is_started_after_it",),
    ),
    Mutant(
        rule="R5",
        words="after a rejection the watched marks are not put back",
        file="sync/reviewing.py",
        old="watched=False, is_rewatching=False, play_count=None",
        new="is_rewatching=False, play_count=None",
        tests=("engine/test_rows_26_37.py::test_row_32_rejected_un_watches_are_marked_again",),
    ),
)

WATCHING_AGAIN = (
    Mutant(
        rule="R6",
        words="a start is an un-mark",
        file=REWATCH,
        old="    if not start_clears_watched:\n        return Reading.UNMARKED\n",
        new="    return Reading.UNMARKED\n",
        tests=(
            "sync/test_merge_rewatching.py::test_an_unwatched_fact_whose_count_grew_is_a_re_watch",
            "engine/test_no_choice.py::test_r6_watching_again_is_no_unwatch_and_is_left_alone_until_it_ends",
        ),
    ),
    Mutant(
        rule="R6",
        words="a count that did not grow is watching again",
        file=REWATCH,
        old="Reading.REWATCHING if seen.play_count > agreed.play_count",
        new="Reading.REWATCHING if seen.play_count >= agreed.play_count",
        tests=("sync/test_merge_rewatching.py::test_an_unwatched_fact_whose_count_did_not_grow_is_an_un_mark",),
    ),
    Mutant(
        rule="R6",
        words="a count or a date that was cleared alone is an un-mark",
        file=REWATCH,
        old="return seen.play_count == 0 and seen.raw_watched_at == 0",
        new="return seen.play_count == 0 or seen.raw_watched_at == 0",
        tests=("sync/test_merge_rewatching.py::test_while_watching_again_anything_else_is_the_same_re_watch",),
    ),
    Mutant(
        rule="R6",
        words="what a listing's row doesn't carry was cleared",
        file=REWATCH,
        old="    if not start_clears_watched:\n        return Reading.UNMARKED\n"
        "    if not seen.is_detailed and (seen.play_count is None or seen.raw_watched_at is None):\n"
        "        return Reading.NEEDS_DETAIL\n",
        new="    if not start_clears_watched or (not seen.is_detailed and seen.play_count is None):\n"
        "        return Reading.UNMARKED\n",
        tests=("sync/test_counter_examples.py::test_row_35_a_listing_row_without_count_and_date_is_not_cleared",),
    ),
    Mutant(
        rule="R6",
        words="the second fact of a re-watch is an un-mark",
        file=REWATCH,
        old="seen.play_count == agreed.play_count and has_grown",
        new="seen.play_count == agreed.play_count",
        tests=("sync/test_counter_examples.py::test_row_26_the_second_fact_of_a_re_watch_is_the_same_re_watch",),
    ),
    Mutant(
        rule="R6",
        words="whoever watches again gets the mark back while they do",
        file=TARGET,
        old="        if agreed.is_rewatching:\n"
        '            return Target(reason="somebody is watching it again there", rule="R6")\n',
        new="        if agreed.is_rewatching:\n            return Target(watched=True)\n",
        tests=(
            "sync/test_target.py::test_nothing_is_written_to_an_entry_that_is_being_watched_again",
            "engine/test_no_choice.py::test_r6_watching_again_is_no_unwatch_and_is_left_alone_until_it_ends",
        ),
    ),
    Mutant(
        rule="R6",
        words="a play that is older than the watch elsewhere keeps the mark away",
        file=TARGET,
        old="return all(hub.changed is None or date > hub.changed.ends + MARGIN for hub in hubs)",
        new="return True",
        tests=(
            (
                "sync/test_counter_examples.py::"
                "test_row_07_a_play_older_than_the_watch_elsewhere_is_not_left_alone_for_ever"
            ),
        ),
    ),
)

TRAVELLING = (
    Mutant(
        rule="R7",
        words="a position travels to another cut",
        file=TARGET,
        old="one is not None and other is not None and abs(one - other) <= MINUTE",
        new="True",
        tests=(
            "sync/test_target.py::test_a_position_travels_only_to_the_same_cut",
            "engine/test_matching.py::test_r7_a_position_does_not_travel_to_another_cut",
        ),
    ),
    Mutant(
        rule="R7",
        words="a position near the end travels",
        file="sync/intervals.py",
        old="return position_ms * 100 <= runtime_ms * limit_percent",
        new="return position_ms <= runtime_ms",
        tests=(
            "sync/test_target.py::test_a_position_near_the_end_does_not_travel",
            "sync/test_merge_changes.py::test_a_position_that_may_not_travel_is_no_change",
        ),
    ),
    Mutant(
        rule="R7",
        words="a position travels while it is played",
        file="sync/comparing.py",
        old="if seen.is_playing or seen.position_ms is None:",
        new="if seen.position_ms is None:",
        tests=("sync/test_merge_changes.py::test_a_position_reached_in_a_play_counts_once_the_play_has_stopped",),
    ),
    Mutant(
        rule="R7",
        words="a position that the server did not keep was moved by a person",
        file=MERGE,
        old="not write.is_filled_in and did_not_keep(write, seen)",
        new="not write.is_filled_in and False",
        tests=(
            "sync/test_merge_own_writes.py::test_a_position_that_the_server_did_not_keep_is_no_change",
            "engine/test_writes.py::test_r7_a_position_that_the_server_does_not_keep_is_written_once",
        ),
    ),
    Mutant(
        rule="R7",
        words="a difference in dates alone is written",
        file=TARGET,
        old="write = watched if watched is not None and watched != agreed.watched else None\n",
        new="dates = [hub.watched_at for hub in own if hub.watched_at and hub.watched_at != agreed.raw_watched_at]\n"
        "    write = watched if watched is not None and (watched != agreed.watched or dates) else None\n",
        tests=("sync/test_target.py::test_a_difference_in_dates_or_counts_alone_causes_no_write",),
    ),
    Mutant(
        rule="R7",
        words="a date travels with an un-mark",
        file=TARGET,
        old="is_dated = write is True and date",
        new="is_dated = date",
        tests=("sync/test_target.py::test_no_date_travels_with_an_un_mark_or_a_position",),
    ),
)

ONE_WAY = (
    Mutant(
        rule="R8",
        words="import is never off",
        file=MERGE,
        old="    if not case.context.imports:\n        merged = replace(merged, hubs={}, unwatch=None, notes=())\n",
        new="",
        tests=(
            "sync/test_merge_one_way.py::test_with_import_off_a_fact_never_changes_the_hub",
            "engine/test_writes.py::test_r8_a_server_with_import_off_gets_marks_and_gives_none",
        ),
    ),
    Mutant(
        rule="R8",
        words="switching import on takes what was agreed before for the last look",
        file="sync/turns.py",
        old="    if row.imports is False and work.imports:\n        forget_account(conn, work.account_id)\n",
        new="",
        tests=(
            "engine/test_rows_26_37.py::test_row_31_a_watch_made_while_import_was_off_counts_once_it_is_on",
            "engine/test_rows_26_37.py::test_row_31_an_import_switched_on_un_watches_nothing",
        ),
    ),
    Mutant(
        rule="R8",
        words="switching import on forgets what we wrote",
        file="sync/forgetting.py",
        old="sent_at=intent.sent_at,\n        answered_at=intent.gave_up_at or intent.sent_at,",
        new="sent_at=0,\n        answered_at=0,",
        tests=("engine/test_writes.py::test_r8_an_import_switched_on_still_knows_a_write_that_got_no_answer",),
    ),
    Mutant(
        rule="R8",
        words="export is never off",
        file=RUNS,
        old="    if not work.exports:\n        return\n",
        new="",
        tests=("engine/test_writes.py::test_r8_a_server_with_export_off_is_never_written",),
    ),
)

OF_HOLDING = (*BRAKE, *WATCHING_AGAIN, *TRAVELLING, *ONE_WAY)
