"""The guids of every kind of agent (§7 of the protocol page)."""

import pytest

from watchstate_plex.simulator.guids import Place, name_part, name_title

IDS = {"imdb": "tt0903747", "tmdb": "1396", "tvdb": "81189"}
SHOW = {"show_ids": {"tvdb": "81797", "tmdb": "37854"}, "show_guid": "com.plexapp.agents.x://1?lang=en"}


@pytest.mark.parametrize(
    ("agent", "kind", "ids", "guid"),
    [
        ("com.plexapp.agents.imdb", "movie", IDS, "com.plexapp.agents.imdb://tt0903747?lang=en"),
        ("com.plexapp.agents.themoviedb", "movie", IDS, "com.plexapp.agents.themoviedb://1396?lang=en"),
        ("com.plexapp.agents.thetvdb", "show", IDS, "com.plexapp.agents.thetvdb://81189?lang=en"),
        ("com.plexapp.agents.xbmcnfo", "movie", IDS, "com.plexapp.agents.xbmcnfo://tt0903747?lang=en"),
        ("com.plexapp.agents.xbmcnfo", "movie", {"tmdb": "812"}, "com.plexapp.agents.xbmcnfo://812?lang=en"),
        ("com.plexapp.agents.xbmcnfotv", "show", IDS, "com.plexapp.agents.xbmcnfotv://81189?lang=en"),
        ("com.plexapp.agents.hama", "show", {"anidb": "4691"}, "com.plexapp.agents.hama://anidb-4691?lang=en"),
        ("com.plexapp.agents.hama", "show", {"tvdb4": "81797"}, "com.plexapp.agents.hama://tvdb4-81797?lang=en"),
        ("com.plexapp.agents.cmdb", "movie", {"cmdb": "77"}, "com.plexapp.agents.cmdb://77?lang=en"),
        ("tv.plex.agents.nfo.movie", "movie", {"tmdb": "383498"}, "tv.plex.agents.nfo.movie://movie/tmdb_383498"),
        ("tv.plex.agents.nfo.series", "show", {"tvdb": "84871"}, "tv.plex.agents.nfo.series://show/tvdb_84871"),
        ("com.plexapp.agents.imdb", "movie", {"tmdb": "1"}, "local://7"),
        ("tv.plex.agents.movie", "movie", {}, "local://7"),
    ],
)
def test_a_title_is_named_by_its_agent(agent, kind, ids, guid):
    names = name_title(agent, kind, ids, "7")
    assert (names.guid, names.external_ids) == (guid, ())


@pytest.mark.parametrize(
    ("agent", "kind", "tail"),
    [
        ("com.plexapp.agents.thetvdb", "season", "81797/22?lang=en"),
        ("com.plexapp.agents.thetvdb", "episode", "81797/22/70?lang=en"),
        ("com.plexapp.agents.themoviedb", "episode", "37854/22/70?lang=en"),
        ("com.plexapp.agents.hama", "episode", "tvdb-81797/22/70?lang=en"),
    ],
)
def test_a_legacy_agent_names_an_episode_after_its_show_and_numbers(agent, kind, tail):
    place = Place(**SHOW, season=22, episode=70 if kind == "episode" else None)
    names = name_part(agent, kind, {"tvdb": "999"}, place, "7")
    assert (names.guid, names.external_ids) == (f"{agent}://{tail}", ())


def test_a_native_nfo_agent_names_an_episode_after_its_own_id():
    place = Place(**SHOW, season=1, episode=2)
    names = name_part("tv.plex.agents.nfo.series", "episode", {"tvdb": "5"}, place, "7")
    assert names.guid == "tv.plex.agents.nfo.series://episode/tvdb_5"


@pytest.mark.parametrize("agent", ["tv.plex.agents.none", "com.plexapp.agents.none"])
def test_without_an_agent_an_item_is_unmatched_whatever_its_ids(agent):
    one, other = (name_title(agent, "movie", IDS, key) for key in ("7", "8"))
    assert one.guid.startswith(f"{agent}://")
    assert one.guid != other.guid


def test_a_new_agent_gives_an_opaque_guid_and_the_ids_that_it_knows():
    names = name_title("tv.plex.agents.series", "show", {**IDS, "anidb": "4691"}, "7")
    assert names.external_ids == ("imdb://tt0903747", "tmdb://1396", "tvdb://81189")
    assert (names.guid[:12], len(names.guid)) == ("plex://show/", 36)


def test_the_same_title_has_the_same_guid_on_every_server():
    guids = {name_title("tv.plex.agents.movie", "movie", IDS, key).guid for key in ("7", "8")}
    assert len(guids) == 1


def test_an_episode_without_ids_of_a_matched_show_is_matched_too():
    show = {"show_ids": IDS, "show_guid": "plex://show/5d9c07f7e98e47001eb03fc7", "season": 1}
    guids = {
        name_part("tv.plex.agents.series", "episode", {}, Place(**show, episode=each), "7").guid for each in (1, 2)
    }
    assert len(guids) == 2
    assert all(guid.startswith("plex://episode/") for guid in guids)


def test_an_episode_with_an_id_of_its_own_is_matched_whatever_its_show_is():
    place = Place(show_ids={}, show_guid="local://5", season=1, episode=2)
    names = name_part("tv.plex.agents.series", "episode", {"tvdb": "9"}, place, "7")
    assert (names.guid.startswith("plex://episode/"), names.external_ids) == (True, ("tvdb://9",))


def test_an_episode_of_an_unmatched_show_is_unmatched():
    place = Place(show_ids={}, show_guid="local://5", season=1, episode=2)
    assert name_part("tv.plex.agents.series", "episode", {}, place, "7").guid == "local://7"
