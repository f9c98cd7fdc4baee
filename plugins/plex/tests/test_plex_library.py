import msgspec
import pytest
from plugins.plex.tests.canned import (
    ACCOUNT,
    SERVER,
    CannedHttp,
    Refusal,
    container,
    episode,
    file,
    movie,
    page,
    sections,
    session,
    show,
)

from watchstate.api import BackendAuthError, BackendProtocolError, ChangedSince, Entries, Everything, ProviderId, Search
from watchstate.testing.world import Scan
from watchstate_plex.library import CURSOR_OVERLAP, fetch

MOVIES, SHOWS = "/library/sections/1/all", "/library/sections/2/all"
BOTH = {"/library/sections": [sections("movie", "show")]}
DOUBLE = "/tv/Show/Show S01E01-E02.mkv"


async def read(http, scope=None, account=ACCOUNT):
    return Scan(tuple([batch async for batch in fetch(account, http, scope or Everything())]))


def ignoring(*libraries):
    options = msgspec.structs.replace(SERVER.options, ignore=libraries)
    return msgspec.structs.replace(ACCOUNT, server=msgspec.structs.replace(SERVER, options=options))


def library(*movies, shows=(), episodes=()):
    return CannedHttp({**BOTH, MOVIES: [page(*movies)], SHOWS: [page(*shows), page(*episodes)]})


# Everything


async def test_a_scan_reads_sessions_libraries_shows_and_entries():
    http = library(movie(1), shows=[show()], episodes=[episode(101)])
    assert set((await read(http)).facts) == {"1", "101"}
    assert http.paths() == ["/status/sessions", "/library/sections", MOVIES, SHOWS, SHOWS]
    assert [each.query.get("type") for each in http.asked[2:]] == ["1", "2", "4"]


async def test_every_request_says_who_asks_and_for_whom():
    http = library(movie(1))
    await read(http)
    sessions, *others = http.asked
    assert sessions.headers["X-Plex-Token"] == "owners"
    for each in others:
        assert each.headers["X-Plex-Token"] == "token-of-alice"
        assert each.headers["X-Plex-Client-Identifier"] == "watchstate-12345"
    assert {each.headers["Accept"] for each in http.asked} == {"application/json"}
    assert not any("X-Plex-Token" in each.query for each in http.asked)


async def test_music_and_photos_are_not_read():
    http = CannedHttp(
        {"/library/sections": [sections("artist", "photo", "movie")], "/library/sections/3/all": [page()]}
    )
    assert (await read(http)).is_complete
    assert http.paths()[2:] == ["/library/sections/3/all"]


async def test_an_ignored_library_is_not_asked_for():
    http = library(movie(1), shows=[show()], episodes=[episode(101)])
    result = await read(http, account=ignoring("1"))
    assert (set(result.facts), result.total) == ({"101"}, 1)
    assert MOVIES not in http.paths()


async def test_a_server_without_libraries_is_complete():
    result = await read(CannedHttp({"/library/sections": [container()]}))
    assert (result.total, result.facts) == (0, {})


@pytest.mark.parametrize("answer", [{}, [], {"MediaContainer": []}, b"<MediaContainer/>", (404, b"")])
async def test_an_answer_that_names_no_libraries_is_no_server_without_libraries(answer):
    with pytest.raises(BackendProtocolError):
        await read(CannedHttp({"/library/sections": [answer]}))


async def test_the_total_is_told_when_all_libraries_are_known():
    http = library(movie(1), movie(2), shows=[show()], episodes=[episode(101)])
    assert [batch.total for batch in (await read(http)).batches] == [None, 3, 3]


async def test_the_last_batch_says_where_the_list_of_changes_begins():
    http = library(movie(1))
    batches = (await read(http)).batches
    began_at = 1_700_000_001_000  # of the first request
    assert [batch.cursor for batch in batches[:-1]] == [None, None]
    assert batches[-1].cursor == str(began_at // 1_000 - CURSOR_OVERLAP)


async def test_a_copy_in_another_library_and_an_edition_are_entries_of_their_own():
    guid = {"guid": "plex://movie/5d77", "Guid": [{"id": "tmdb://603"}]}
    copies = [movie(1, **guid), movie(2, **guid, editionTitle="Director's Cut")]
    facts = (await read(library(*copies))).facts
    assert {key: fact.entry.provider_ids for key, fact in facts.items()} == {
        "1": (ProviderId("tmdb", "603"),),
        "2": (ProviderId("tmdb", "603"),),
    }


async def test_the_library_of_an_entry_is_known():
    facts = (await read(library(movie(1), shows=[show()], episodes=[episode(101)]))).facts
    assert (facts["1"].entry.library_id, facts["101"].entry.library_id) == ("1", "2")


# What is played


async def test_what_the_user_plays_is_marked_and_what_others_play_is_not():
    http = library(movie(1), movie(2))
    http.answers["/status/sessions"] = [container(Metadata=[session(1), session(2, "1"), {"ratingKey": "2"}])]
    facts = (await read(http)).facts
    assert {key for key, fact in facts.items() if fact.is_playing} == {"1"}


async def test_ids_in_sessions_may_be_numbers():
    http = library(movie(1))
    http.answers["/status/sessions"] = [container(Metadata=[session(1, 12345) | {"ratingKey": 1}])]
    assert (await read(http)).facts["1"].is_playing


@pytest.mark.parametrize("status", [401, 403])
async def test_a_shared_users_token_reads_all_but_the_sessions(status):
    http = library(movie(1))
    http.answers["/status/sessions"] = [Refusal(status)]
    result = await read(http)
    assert (set(result.facts), result.is_complete) == ({"1"}, True)
    assert result.batches[-1].cursor


async def test_a_token_that_is_refused_everywhere_is_an_error():
    http = CannedHttp({"/status/sessions": [Refusal()], "/library/sections": [Refusal()]})
    with pytest.raises(BackendAuthError):
        await read(http)


async def test_the_owners_states_are_never_taken_for_those_of_a_user_without_a_token():
    account = msgspec.structs.replace(ACCOUNT, token=SERVER.token)
    http = library(movie(1))
    with pytest.raises(BackendAuthError, match="whose user id is 1, not 12345; give the user a token of its own"):
        await read(http, account=account)
    assert http.paths() == ["/status/sessions"]


async def test_the_owner_reads_with_the_servers_token():
    account = msgspec.structs.replace(ACCOUNT, token=SERVER.token, user_id="1")
    assert set((await read(library(movie(1)), account=account)).facts) == {"1"}


# Shows


async def test_an_episode_has_the_ids_that_its_show_lists():
    facts = (await read(library(shows=[show(900, "tvdb://7")], episodes=[episode(101)]))).facts
    assert facts["101"].entry.show_ids == (ProviderId("tvdb", "7"),)


async def test_a_show_that_the_list_lacks_is_asked_for_once():
    http = library(episodes=[episode(101), episode(102)])
    http.answers["/library/metadata/900"] = [page(show(900, "tvdb://7"))]
    facts = (await read(http)).facts
    assert {fact.entry.show_ids for fact in facts.values()} == {(ProviderId("tvdb", "7"),)}
    assert http.paths().count("/library/metadata/900") == 1


async def test_a_show_that_is_nowhere_has_no_ids():
    http = library(episodes=[episode(101)])
    http.answers["/library/metadata/900"] = [(404, b"")]
    assert (await read(http)).facts["101"].entry.show_ids == ()


# Several episodes in a file


async def test_one_item_for_two_episodes_carries_both():
    double = episode(101, **file(DOUBLE))
    result = await read(library(shows=[show()], episodes=[double, episode(103)]))
    assert result.facts["101"].entry.episodes == (1, 2)
    assert result.is_complete


async def test_two_items_with_one_file_stay_two_entries():
    rows = [episode(101, **file(DOUBLE)), episode(102, **file(DOUBLE))]
    facts = (await read(library(shows=[show()], episodes=rows))).facts
    assert {key: fact.entry.episodes for key, fact in facts.items()} == {"101": (1,), "102": (2,)}


async def test_two_items_with_one_file_are_found_across_pages():
    first = [episode(101, **file(DOUBLE)), *[episode(10_000 + number) for number in range(999)]]
    second = [*first[-10:], episode(20_002, **file(DOUBLE))]
    http = library(shows=[show()])
    http.answers[SHOWS] = [page(show()), page(*first, total=1001), page(*second, total=1001, start=990)]
    result = await read(http)
    assert (result.facts["101"].entry.episodes, result.is_complete) == ((1,), True)


async def test_a_late_entry_keeps_the_window_in_which_it_was_read():
    http = library(shows=[show()], episodes=[episode(101, **file(DOUBLE)), episode(103)])
    batches = [batch for batch in (await read(http)).batches if batch.total is not None]
    assert {(batch.read_from, batch.read_to) for batch in batches} == {(batches[0].read_from, batches[0].read_to)}


@pytest.mark.parametrize(
    ("siblings", "episodes"), [([102], (1,)), ([], (1, 2))], ids=["two items for the file", "one item for the file"]
)
async def test_a_part_of_a_library_shows_the_same_as_all_of_it(siblings, episodes):
    double = episode(101, **file(DOUBLE))
    others = [episode(number, **file(DOUBLE)) for number in siblings]
    answers = {"/library/metadata/900": [page(show())], "/library/metadata/900/allLeaves": [page(double, *others)]}
    by_id = CannedHttp({**answers, "/library/metadata/101": [page(double)]})
    assert (await read(by_id, Entries(("101",)))).facts["101"].entry.episodes == episodes
    changed = library(shows=[], episodes=[])
    changed.answers |= {**answers, SHOWS: [page(double)]}
    assert (await read(changed, ChangedSince("5"))).facts["101"].entry.episodes == episodes


# Some entries


async def test_a_hundred_entries_are_one_request():
    ids = [str(number) for number in range(1, 102)]
    first = "/library/metadata/" + ",".join(ids[:100])
    http = CannedHttp({first: [page(*map(movie, range(1, 101)))], "/library/metadata/101": [page(movie(101))]})
    assert list((await read(http, Entries(tuple(ids)))).facts) == ids
    asked = http.asked[1]
    assert (asked.query["X-Plex-Container-Size"], asked.query["skipRefresh"]) == ("100", "1")


async def test_what_is_gone_is_not_in_the_answer():
    http = CannedHttp({"/library/metadata/1,2": [page(movie(2))]})
    assert set((await read(http, Entries(("1", "2")))).facts) == {"2"}


async def test_one_that_is_gone_does_not_hide_the_others_where_it_makes_a_404():
    gone = (404, b"<html><h1>404 Not Found</h1></html>")
    answers = {"1,2,3": gone, "1": page(movie(1)), "2,3": gone, "2": gone, "3": page(movie(3))}
    http = CannedHttp({f"/library/metadata/{ids}": [answer] for ids, answer in answers.items()})
    assert set((await read(http, Entries(("1", "2", "3")))).facts) == {"1", "3"}


async def test_what_is_no_id_is_never_sent():
    http = CannedHttp({})
    assert (await read(http, Entries(("", "x", "1/children", "-1", "\uff11")))).facts == {}
    assert http.asked == []


@pytest.mark.parametrize("kind", ["show", "season", "clip", "track"])
async def test_what_is_neither_movie_nor_episode_is_no_entry(kind):
    http = CannedHttp({"/library/metadata/1": [page(movie(1, type=kind))]})
    assert (await read(http, Entries(("1",)))).facts == {}


async def test_a_title_in_the_trash_is_gone():
    http = CannedHttp({"/library/metadata/1": [page(movie(1, deletedAt=5))]})
    assert (await read(http, Entries(("1",)))).facts == {}


async def test_a_row_that_nobody_asked_for_is_left_out():
    http = CannedHttp({"/library/metadata/1": [page(movie(1), movie(2))]})
    assert set((await read(http, Entries(("1",)))).facts) == {"1"}


async def test_an_entry_of_an_ignored_library_is_not_shown():
    http = CannedHttp({"/library/metadata/1,2": [page(movie(1, librarySectionID=7), movie(2), librarySectionID="8")]})
    assert set((await read(http, Entries(("1", "2")), ignoring("7"))).facts) == {"2"}
    assert set((await read(http, Entries(("1", "2")), ignoring("8"))).facts) == {"1"}


async def test_a_failure_is_never_an_entry_that_is_gone():
    for answer in ((400, b"<html>"), (200, b"<html>"), {}):
        with pytest.raises(BackendProtocolError):
            await read(CannedHttp({"/library/metadata/1": [answer]}), Entries(("1",)))


# Changes


async def test_changes_are_one_filter_a_library():
    http = library(movie(1))
    http.answers[SHOWS] = [page(episode(101))]
    http.answers["/library/metadata/900"] = [page(show(900, "tvdb://7"))]
    result = await read(http, ChangedSince("1699999000"))
    assert set(result.facts) == {"1", "101"}
    assert result.facts["101"].entry.show_ids == (ProviderId("tvdb", "7"),)
    (asked,) = [each for each in http.asked if each.path == MOVIES]
    assert asked.query["lastViewedAt>>"] == asked.query["addedAt>>"] == "1699999000"
    assert list(asked.query)[1:7] == ["push", "lastViewedAt>>", "or", "addedAt>>", "inProgress", "pop"]


async def test_a_list_of_changes_costs_two_requests_and_one_a_library():
    http = CannedHttp({**BOTH, MOVIES: [page()], SHOWS: [page()]})
    result = await read(http, ChangedSince("5"))
    assert (len(http.asked), result.total) == (4, None)
    assert result.batches[-1].cursor == str(1_700_000_001 - CURSOR_OVERLAP)


async def test_a_server_that_refuses_groups_of_filters_is_asked_with_one_after_the_other():
    refused = (400, b"<html><h1>400 Bad Request</h1></html>")
    http = CannedHttp(
        {"/library/sections": [sections("movie")], MOVIES: [refused, page(movie(1)), page(movie(2)), page()]}
    )
    assert set((await read(http, ChangedSince("5"))).facts) == {"1", "2"}
    filters = [{name for name in each.query if name.startswith(("last", "added", "inP"))} for each in http.asked[3:]]
    assert filters == [{"lastViewedAt>>"}, {"addedAt>>"}, {"inProgress"}]


async def test_a_list_of_changes_that_is_refused_altogether_is_an_error():
    http = CannedHttp({"/library/sections": [sections("movie")], MOVIES: [(400, b"")]})
    with pytest.raises(BackendProtocolError, match="status 400"):
        await read(http, ChangedSince("5"))


@pytest.mark.parametrize("cursor", ["", "-5", "2024-01-01", "1.5", "\uff11"])
async def test_a_cursor_that_is_none_is_told(cursor):
    with pytest.raises(BackendProtocolError, match="read everything instead"):
        await read(library(), ChangedSince(cursor))


# Search


async def test_a_search_looks_at_titles_and_stops_at_its_limit():
    http = library(movie(1), movie(11), movie(2, title="Other"))
    http.answers[SHOWS] = [page()]
    assert set((await read(http, Search("movie"))).facts) == {"1", "11"}
    assert len((await read(http, Search("movie", 1))).facts) == 1
    assert http.asked[2].query["title"] == "movie"
