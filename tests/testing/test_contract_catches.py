"""The contract suite is worth something: each test of it fails for a backend that breaks what it is about."""

import inspect

import pytest
from tests.testing import broken_changes as changes
from tests.testing import broken_reading as reading
from tests.testing import broken_servers as servers
from tests.testing import broken_writing as writing
from tests.testing.spoiling import Spoiling

from watchstate.api import WatchStateError
from watchstate.testing.contract import BackendContract
from watchstate_emby.backend import EmbyBackend
from watchstate_emby.simulator import EmbySimulator
from watchstate_jellyfin.simulator import JellyfinSimulator

CASES = (
    (reading.DropsTheLastPage, "everything_is_there_once_and_the_total_says_so", "all entries are listed"),
    (reading.CountsOnlyThePage, "everything_is_there_once_and_the_total_says_so", "the total is the number of entries"),
    (reading.ListsAPageTwice, "everything_is_there_once_and_the_total_says_so", "an entry is listed once"),
    (reading.SkipsAnEmptyPage, "an_empty_server_is_complete", "an empty server has a total of 0"),
    (reading.ReadsWhatTheFirstAccountWatched, "each_account_has_its_own_states", "its own user watched"),
    (reading.TakesHalfWatchedForWatched, "states_are_those_that_the_server_shows", "Movie 3: the watched is False"),
    (reading.LosesTheDate, "states_are_those_that_the_server_shows", "Movie 1: the date is"),
    (reading.LosesPositions, "states_are_those_that_the_server_shows", "Movie 3: the position is"),
    (reading.TellsSecondsForMilliseconds, "an_entry_says_what_it_is", "run time in ms"),
    (reading.SwapsTheIdsOfShows, "an_entry_says_what_it_is", "the ids of its own show"),
    (reading.LosesTheIdsOfShowsInHints, "an_entry_says_what_it_is", "the ids of its own show"),
    (reading.TakesTheIdOfItsCollectionForAMovies, "an_entry_says_what_it_is", "provider ids, and no others"),
    (reading.TakesSpecialsForNothing, "an_entry_says_what_it_is", "0 for specials"),
    (reading.ReadsOneEpisodePerFile, "a_file_with_two_episodes_carries_both_numbers", "the episodes 1 and 2"),
    (reading.DatesAllFilesAlike, "a_replaced_file_has_another_added_date", "has another added date"),
    (reading.RemembersWhatIsGone, "files_that_come_and_go_are_listed_and_not_listed", "lists what is there now"),
    (reading.ReadsEverythingForAFew, "entries_are_exactly_those_asked_for", "what was asked for"),
    (reading.ReadsTheFirstHundred, "entries_are_exactly_those_asked_for", "what was asked for"),
    (reading.ReadsOneByOne, "reading_in_batches_costs_what_the_capabilities_say", "takes up to 6 requests"),
    (reading.DatesAnAnswerByItsEnd, "a_batch_is_dated_by_the_request_behind_it", "before its request is on the server"),
    (reading.DatesAnAnswerTomorrow, "a_batch_is_dated_by_the_request_behind_it", "between the question and the answer"),
    (reading.DatesAnAnswerLongAgo, "a_batch_is_dated_by_the_request_behind_it", "between the question and the answer"),
    (reading.DatesAllPagesAsTheFirst, "a_batch_is_dated_by_the_request_behind_it", "at some moment of its window"),
    (reading.SeesNobodyPlay, "what_an_account_plays_now_is_marked", "played now is marked"),
    (reading.SeesEverybodyPlay, "what_an_account_plays_now_is_marked", "bob does not play"),
    (reading.ReadsIgnoredLibraries, "an_ignored_library_is_left_out", "is left out, and only that"),
    (reading.ReadsIgnoredLibrariesAfterAHint, "an_ignored_library_is_left_out", "a hint does"),
    (reading.FindsNothing, "a_title_can_be_looked_up", "finds a movie"),
    (reading.MarksWhatItReads, "reading_changes_nothing", "reading sends no write"),
    (reading.TakesAnErrorForTheEnd, "a_scan_that_goes_wrong_never_looks_complete", "request 1 meets page"),
    (reading.TakesAWebPageForAnEmptyServer, "a_scan_that_goes_wrong_never_looks_complete", "request 1 meets page"),
    (reading.TakesAnErrorForTheEnd, "pages_that_repeat_never_look_complete", "or not complete"),
    (reading.TakesAnErrorForTheEnd, "reading_entries_with_a_fault_is_an_error", "that is an error"),
    (reading.TakesAWrongTokenForAServerThatIsDown, "a_wrong_token_is_an_error_of_its_own", None),
    (reading.AsksWithTheTokenInTheAddress, "no_token_is_ever_part_of_an_address", "carries a token in its address"),
    (reading.TellsTheTokenInAnError, "no_token_is_ever_part_of_an_error", "tells a token"),
    (changes.ForgetsTheCursor, "a_read_says_where_the_next_one_continues", "an empty server ends with a cursor"),
    (changes.HasNoCursorWithoutChanges, "a_read_says_where_the_next_one_continues", "no changes ends with a cursor"),
    (changes.ListsNoUnwatches, "what_changed_is_listed", "an un-watch is listed"),
    (changes.ListsNoPositions, "what_changed_is_listed", "a mark, a position and a new file are listed"),
    (changes.ShowsWhatWas, "what_changed_is_listed", "what is so now"),
    (changes.ListsOnePage, "a_list_of_changes_is_read_to_its_end", "all that changed is listed"),
    (
        changes.GoesByTheDatesOfPlays,
        "a_play_that_began_before_a_read_and_ended_after_it_is_listed",
        "began hours before the last read",
    ),
    (
        changes.ContinuesTooLate,
        "a_file_that_is_added_while_changes_are_listed_is_not_lost",
        "in this list or in the next one",
    ),
    (
        changes.TakesAnErrorForNoChanges,
        "answers_that_repeat_never_make_a_list_of_changes_shorter",
        "an error, or all that changed",
    ),
    (changes.ContinuesTooLate, "a_chain_of_cursors_loses_nothing", "is in the next one"),
    (changes.ContinuesTooLate, "a_change_while_everything_is_read_is_in_the_next_list", "is in the next list"),
    (changes.TakesAnErrorForNoChanges, "a_list_of_changes_that_goes_wrong_is_an_error", "not a shorter list"),
    (changes.TakesAnErrorForNoChanges, "a_cursor_that_makes_no_sense_is_a_protocol_error", "raises BackendProtocol"),
    (writing.OnlyClaimsToWrite, "a_watched_mark_arrives", "when it was sent"),
    (writing.ForgetsWhenItWrote, "a_watched_mark_arrives", "when it was sent"),
    (writing.SendsNoDate, "a_watched_mark_arrives", "the date of a watched mark"),
    (writing.PromisesAnotherDate, "a_watched_mark_arrives", "the date of a watched mark"),
    (writing.NeedsADate, "a_watched_mark_without_a_date_arrives", "without a date arrives"),
    (writing.NeverUnwatches, "an_unwatch_arrives", "an un-watch arrives"),
    (writing.NeverClearsAPosition, "a_position_arrives_and_goes", "a position of 0 clears it"),
    (writing.SendsPositionsInTicks, "a_position_arrives_and_goes", "a position arrives: 1500000"),
    (writing.WatchesWithAPosition, "a_position_arrives_and_goes", "a position watches nothing"),
    (writing.LosesThePositionOfAnUnwatch, "a_position_goes_along_with_an_unwatch", "its position arrives too"),
    (writing.CountsEachMark, "the_same_change_twice_is_as_good_as_once", "twice is as once"),
    (writing.TakesGoneForApplied, "an_entry_that_is_gone_is_not_found", "is not found"),
    (writing.WritesToWhatIsPlayed, "an_entry_that_is_played_now_is_left_alone", "keeps its state"),
    (writing.OnlyClaimsToWrite, "an_entry_that_is_played_now_is_left_alone", "is busy"),
    (writing.WaitsForEverybodysPlayback, "what_another_account_plays_can_be_written", "is not busy"),
    (writing.WritesForEverybody, "only_the_account_itself_is_written", "another account's state is left alone"),
    (writing.RaisesOnOneBadChange, "many_changes_have_one_outcome_each", "one of the changes was not applied"),
    (writing.SaysNothingOfSomeChanges, "many_changes_have_one_outcome_each", "is told apart"),
    (writing.GivesUpOnTheRest, "one_failure_does_not_spoil_the_others", "one failure is one failure"),
    (writing.SendsSomethingForNothing, "nothing_to_change_sends_nothing", "no changes need no write"),
    (writing.TakesALostAnswerForAFailure, "a_lost_answer_is_not_a_failure", "may have been applied"),
    (writing.HopesForTheBest, "a_write_that_never_arrived_is_not_applied", "that never arrived is not applied"),
    (writing.ForgetsToWait, "a_server_out_of_patience_is_asked_again_later", "the time to wait is passed on"),
    (writing.TakesAWrongTokenForAFailure, "a_wrong_token_is_refused", "a wrong token is refused"),
    (writing.HopesThatADownServerHeard, "a_server_that_is_down_writes_nothing", "applies nothing"),
    (servers.CannotPush, "core_accepts_the_plugin", "core accepts the plugin"),
    (servers.ChangesItsMind, "capabilities_are_the_same_for_the_same_server", "from call to call"),
    (servers.OverlooksWhatAStartTakesAway, "a_play_does_what_the_capabilities_say", "takes the watched flag away"),
    (servers.ThinksThatAStartCounts, "a_play_does_what_the_capabilities_say", "of a watched entry counts"),
    (servers.TakesTheStartForTheEnd, "a_play_does_what_the_capabilities_say", "when the play began"),
    (servers.KeepsAUserBack, "everybody_on_the_server_is_listed", "everybody is listed"),
    (servers.NamesUsersByName, "everybody_on_the_server_is_listed", "everybody is listed"),
    (servers.BelievesWhatIsKnown, "what_was_listed_before_brings_nobody_back", "nobody who is gone"),
    (servers.ActsForTheOneItKnows, "everybody_can_be_acted_for_as_core_does_it", "alice acts|bob acts"),
    (servers.HandsOutTheTokenOfTheServer, "everybody_can_be_acted_for_as_core_does_it", "alice acts|bob acts"),
    (servers.TakesAnErrorForNobody, "asking_who_is_there_with_a_fault_is_an_error", "listing users meets"),
    (servers.TakesUsersAsTheyCome, "no_odd_value_in_an_answer_crashes_the_plugin", "list_users raised"),
    (servers.TellsTheWholeAnswer, "no_odd_value_in_an_answer_crashes_the_plugin", "up to 600 characters"),
    (servers.TrustsTheConfiguration, "a_server_has_an_identity_of_its_own", "another installation has another id"),
    (servers.ChokesOnGarbage, "a_webhook_body_that_means_nothing_is_rejected_or_empty", "parse_webhook raised"),
    (servers.HearsVoices, "a_webhook_body_that_means_nothing_is_rejected_or_empty", "means nothing"),
)


def _suite(backend: type) -> BackendContract:
    simulator = EmbySimulator if issubclass(backend, EmbyBackend) else JellyfinSimulator
    return type("Suite", (BackendContract,), {"plugin": backend, "simulator": simulator})()


def _tests() -> list[str]:
    return [name for name, _ in inspect.getmembers(BackendContract, inspect.isfunction) if name.startswith("test_")]


@pytest.mark.parametrize(
    ("backend", "name", "promise"), CASES, ids=[f"{backend.__name__}-{name}" for backend, name, _ in CASES]
)
async def test_a_backend_that_breaks_a_promise_is_caught(backend, name, promise):
    with pytest.raises((AssertionError, WatchStateError), match=promise):
        await getattr(_suite(backend), f"test_{name}")()


@pytest.mark.parametrize("backend", [Spoiling, changes.Altering])
@pytest.mark.parametrize("name", _tests())
async def test_a_backend_that_breaks_none_is_not_blamed(backend, name):
    await getattr(_suite(backend), name)()


def test_every_test_of_the_contract_catches_something():
    assert {f"test_{name}" for _, name, _ in CASES} == set(_tests())
