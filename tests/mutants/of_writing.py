"""Mistakes in the rules of writing: W1 to W8."""

from tests.mutants.mutant import Mutant

MERGE = "sync/merge.py"
TARGET = "sync/target.py"
ECHO = "sync/echo.py"
DELIVERING = "sync/delivering.py"
SETTLING = "sync/settling.py"
LEASE = "sync/lease.py"
RUNS = "sync/runs.py"
PUSHING = "plugins/mediabrowser/src/watchstate_mediabrowser/pushing.py"
PLEX_PUSH = "plugins/plex/src/watchstate_plex/push.py"

DERIVED = (
    Mutant(
        rule="W1",
        words="unknown is written as unwatched",
        file=TARGET,
        old="all(hub.watched for hub in hubs) else None",
        new="all(hub.watched for hub in hubs) else False",
        tests=(
            "sync/test_target.py::test_an_unknown_hub_writes_nothing",
            "sync/test_target.py::test_an_entry_with_an_unknown_item_is_never_un_marked_for_it",
        ),
    ),
    Mutant(
        rule="W1",
        words="an open intent is read only if something is to be delivered",
        file="storage/states.py",
        old="{*conn.execute(_DIFFERENT, asked).scalars(), *conn.execute(_UNRESOLVED, asked).scalars()}",
        new="{*conn.execute(_DIFFERENT, asked).scalars()}",
        tests=("storage/test_due.py::test_an_open_intent_is_always_due",),
    ),
    Mutant(
        rule="W1",
        words="a position alone is no difference",
        file="storage/states.py",
        old="        _hub.c.position_ms != func.coalesce(_agreed.c.position_ms, 0),\n",
        new="        _hub.c.position_ms < 0,\n",
        tests=("engine/test_sync.py::test_a_position_reaches_the_other_server",),
    ),
    Mutant(
        rule="W1",
        words="an entry that the read doesn't show loses its open intent",
        file=DELIVERING,
        old='    put_off(conn, work, dict.fromkeys(gone, "the server does not show it"), now)\n',
        new='    put_off(conn, work, dict.fromkeys(gone, "the server does not show it"), now)\n'
        "    deliveries.drop_intents(conn, work.account_id, gone)\n",
        tests=("engine/test_found_in_review.py::test_w1_an_entry_that_a_read_does_not_show_keeps_its_open_intent",),
    ),
)

COMPARED = (
    Mutant(
        rule="W2",
        words="the rules don't run on what is read before a write",
        file=DELIVERING,
        old="answer = await reread(engine, work, [entry",
        new='skipped = __import__("msgspec").structs.replace(work, imports=False)\n'
        "    answer = await reread(engine, skipped, [entry",
        tests=("engine/test_writes.py::test_w2_the_rules_run_on_what_is_read_before_a_write",),
    ),
    Mutant(
        rule="W2",
        words="what shows the right thing already is written again",
        file=TARGET,
        old="write = watched if watched is not None and watched != agreed.watched else None\n",
        new="write = watched\n",
        tests=(
            "sync/test_target.py::test_an_account_that_agrees_needs_nothing",
            "sync/test_household_promises.py::test_no_account_is_told_what_it_shows_already",
            "engine/test_writes.py::test_w2_what_a_person_did_meanwhile_is_not_written_again",
        ),
    ),
)

WRITE_AHEAD = (
    Mutant(
        rule="W3",
        words="nothing is committed before a write is sent",
        file=DELIVERING,
        old="{one.planned.row.row: one.intent for one in sending.values()}",
        new="{}",
        tests=("engine/test_writes.py::test_w3_what_a_process_had_sent_when_it_died_is_no_persons_watch",),
    ),
    Mutant(
        rule="W3",
        words="a write without an answer is taken for one that arrived",
        file=SETTLING,
        old="            case Outcome.APPLIED:\n",
        new="            case Outcome.APPLIED | Outcome.UNKNOWN:\n",
        tests=("engine/test_writes.py::test_w3_a_write_that_did_not_arrive_is_repeated_after_a_minute",),
    ),
    Mutant(
        rule="W3",
        words="a write without an answer that arrived was made by a person",
        file=ECHO,
        old="    if is_written:\n        return Settled.APPLIED\n",
        new="",
        tests=("sync/test_merge_own_writes.py::test_a_write_without_an_answer_that_was_applied_counts_as_a_success",),
    ),
    Mutant(
        rule="W3",
        words="a write that did not arrive is tried again at once",
        file=ECHO,
        old="RETRY_AFTER = MINUTE",
        new="RETRY_AFTER = 0",
        tests=("sync/test_merge_own_writes.py::test_a_write_without_an_answer_that_was_not_applied_waits_a_minute",),
    ),
    Mutant(
        rule="W3",
        words="a week after a crash, what a person did is our own write",
        file=ECHO,
        old="LONGEST_FLIGHT = 10 * MINUTE",
        new="LONGEST_FLIGHT = 10_000 * MINUTE",
        tests=("sync/test_merge_found_in_review.py::test_a_watch_days_after_a_crash_is_not_taken_for_our_own_write",),
    ),
    Mutant(
        rule="W3",
        words="two counted plays after our one write are ours",
        file=ECHO,
        old="(write.count_before or 0) + 1",
        new="(write.count_before or 0) + 2",
        tests=(
            "sync/test_merge_own_writes.py::test_a_server_that_stamps_counts_our_write_once",
            "sync/test_counter_examples.py::test_row_28_a_second_play_after_our_write_is_the_persons_watch",
        ),
    ),
    Mutant(
        rule="W3",
        words="any date after our write is ours",
        file=ECHO,
        old="return is_dated_by_us or (may_be_stamped and in_window)",
        new="return True",
        tests=(
            "sync/test_merge_own_writes.py::test_a_server_that_takes_dates_shows_our_write_by_the_date_sent",
            "sync/test_counter_examples.py::test_row_12_a_watch_soon_after_our_write_is_not_taken_for_its_echo",
        ),
    ),
    Mutant(
        rule="W3",
        words="after a write, the answer orders instead of the sending",
        file=ECHO,
        old="        read_from=sent_at,\n        read_to=sent_at,\n",
        new="        read_from=answered_at,\n        read_to=answered_at,\n",
        tests=(
            "sync/test_merge_own_writes.py::test_what_is_agreed_after_a_watched_write",
            "sync/test_counter_examples.py::test_row_22_after_a_write_the_time_of_sending_orders",
        ),
    ),
)

ECHOES = (
    Mutant(
        rule="W4",
        words="our own mark is a person's second watch",
        file=MERGE,
        old="        return not is_our_mark(write, seen, context)\n",
        new="        return True\n",
        tests=(
            "sync/test_merge_own_writes.py::test_our_echo_fills_in_date_and_count_silently",
            "sync/test_counter_examples.py::test_row_14_our_own_stamp_is_not_a_persons_watch_because_a_play_followed",
        ),
    ),
    Mutant(
        rule="W4",
        words="what our write to a copy shows on another that shares its state was watched again",
        file=MERGE,
        old="if _shows_our_write_to_a_copy(case, agreed):",
        new="if False:",
        tests=(
            "sync/test_merge_found_by_machine.py::test_our_write_to_a_copy_that_shares_its_state_is_no_second_watch",
        ),
    ),
)

FAILURES = (
    Mutant(
        rule="W5",
        words="a server that refuses is asked every minute",
        file=SETTLING,
        old="MINUTE * 2 ** min(tries - 1, 16)",
        new="MINUTE",
        tests=("engine/test_found_in_review.py::test_w5_a_server_that_refuses_for_hours_is_asked_ever_less_often",),
    ),
    Mutant(
        rule="W5",
        words="what failed together is tried again together",
        file=SETTLING,
        old="random.randrange(wait // 4)",
        new="0 * random.randrange(wait // 4)",
        tests=("engine/test_writes.py::test_w5_what_failed_together_is_not_tried_again_in_the_same_moment",),
    ),
    Mutant(
        rule="W5",
        words="Retry-After is not read",
        file=SETTLING,
        old="not_before[row] = now + outcome.retry_after_ms",
        new="pass",
        tests=("engine/test_bad_input.py::test_a_server_out_of_patience_is_written_to_when_its_time_has_come",),
    ),
    Mutant(
        rule="W5",
        words="an entry that is gone at the write is never tried again",
        file=DELIVERING,
        old='    put_off(conn, work, dict.fromkeys(gone, "the server does not show it"), now)\n',
        new="",
        tests=("engine/test_writes.py::test_w5_an_entry_that_is_gone_at_the_write_waits_and_nothing_is_concluded",),
    ),
    Mutant(
        rule="W5",
        words="a refused account is not paused",
        file="sync/turns.py",
        old="    accounts.pause_account(conn, work.account_id, reason, at)\n",
        new="",
        tests=("engine/test_writes.py::test_w5_a_refused_account_is_paused_with_its_reason_and_others_go_on",),
    ),
    Mutant(
        rule="W5",
        words="an account's trouble ends the turn of the others on its server",
        file="sync/turns.py",
        old="    except WatchStateError as error:\n        job.report.fail",
        new="    except ZeroDivisionError as error:\n        job.report.fail",
        tests=("engine/test_writes.py::test_w5_an_account_in_trouble_keeps_no_other_of_its_server_waiting",),
    ),
)

PLAYING = (
    Mutant(
        rule="W6",
        words="Jellyfin and Emby are written to while the title plays there",
        file=PUSHING,
        old="        if change.entry_id in playing:\n",
        new="        if False:\n",
        tests=("engine/test_writes.py::test_w6_an_account_that_plays_the_item_now_is_left_alone_until_it_stops",),
    ),
    Mutant(
        rule="W6",
        words="Plex is written to while the title plays there",
        file=PLEX_PUSH,
        old="    playing, _ = await read_played_now(account, http)\n",
        new="    playing: frozenset[str] = frozenset()\n",
        tests=("engine/test_writes.py::test_w6_no_kind_of_server_is_written_to_while_it_plays",),
    ),
)

ONE_AT_A_TIME = (
    Mutant(
        rule="W7",
        words="a lease that somebody has is taken",
        file="storage/accounts.py",
        old="(lease.c.owner == owner) | (lease.c.until <= now)",
        new="lease.c.account_id == account_id",
        tests=(
            "storage/test_leases.py::test_an_account_that_somebody_has_names_the_owner",
            "engine/test_writes.py::test_w7_a_second_process_waits_and_says_for_whom",
        ),
    ),
    Mutant(
        rule="W7",
        words="who was overtaken goes on writing",
        file=LEASE,
        old="    if holder != work.owner:\n",
        new="    if False:\n",
        tests=("engine/test_found_in_review.py::test_w7_what_is_no_longer_ours_is_not_written",),
    ),
    Mutant(
        rule="W7",
        words="a dead process is waited for",
        file=LEASE,
        old="    except ProcessLookupError:\n        return True\n",
        new="    except ProcessLookupError:\n        return False\n",
        tests=("engine/test_writes.py::test_w7_a_lease_of_a_dead_process_of_this_machine_is_taken_over_at_once",),
    ),
)

FORCED = (
    Mutant(
        rule="W8",
        words="a forced export imports",
        file=MERGE,
        old="    if case.context.is_forced:\n        return _look_only(case)\n",
        new="",
        tests=(
            "sync/test_merge_one_way.py::test_under_a_forced_export_an_un_mark_un_watches_nothing",
            "sync/test_merge_one_way.py::test_under_a_forced_export_a_re_watch_is_overruled",
        ),
    ),
    Mutant(
        rule="W8",
        words="a later play resists a forced export",
        file=TARGET,
        old="if not is_forced and _plays_later",
        new="if _plays_later",
        tests=("sync/test_target.py::test_a_forced_export_overrules_a_later_play",),
    ),
    Mutant(
        rule="W8",
        words="a full export is a forced one",
        file=RUNS,
        old='self.command == "export" and self.is_full and self.ignores_date',
        new='self.command == "export" and self.is_full',
        tests=("engine/test_writes.py::test_w8_a_full_export_without_ignore_date_keeps_the_normal_rules",),
    ),
)

OF_WRITING = (
    *DERIVED,
    *COMPARED,
    *WRITE_AHEAD,
    *ECHOES,
    *FAILURES,
    *PLAYING,
    *ONE_AT_A_TIME,
    *FORCED,
)
