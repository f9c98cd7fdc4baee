"""Every form of guid in the protocol page, and the ids in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchstate.api import ProviderId
from watchstate_plex import guids

NONE = ()


def ids(*pairs):
    return tuple(ProviderId(*pair.split(":", 1)) for pair in pairs)


MOVIES = {
    # new agents: the scalar is opaque, the list has the ids
    ("plex://movie/5d776827eb5d26001f1ddab7",): NONE,
    ("plex://movie/5d776827eb5d26001f1ddab7", "imdb://tt0903747", "tmdb://1396", "tvdb://81189"): (
        "imdb:tt0903747",
        "tmdb:1396",
        "tvdb:81189",
    ),
    ("plex://movie/5d77", "mbid://0d79c2dd-1f4a"): NONE,
    (None,): NONE,
    ("",): NONE,
    # legacy agents: the scalar has the id
    ("com.plexapp.agents.imdb://tt0072684?lang=en",): ("imdb:tt0072684",),
    ("com.plexapp.agents.themoviedb://1396?lang=en",): ("tmdb:1396",),
    ("com.plexapp.agents.tmdb://1396",): ("tmdb:1396",),
    ("com.plexapp.agents.xbmcnfo://tt0103639?lang=en",): ("imdb:tt0103639",),
    ("com.plexapp.agents.xbmcnfo://812?lang=en",): ("tmdb:812",),
    ("com.plexapp.agents.hama://anidb-4691?lang=en",): ("anidb:4691",),
    ("com.plexapp.agents.hama://anidb2-4691?lang=en",): ("anidb:4691",),
    ("com.plexapp.agents.hama://tmdb-603?lang=en",): ("tmdb:603",),
    ("com.plexapp.agents.hama://tsdb-603?lang=en",): ("tmdb:603",),
    ("com.plexapp.agents.hama://imdb-tt0133093?lang=en",): ("imdb:tt0133093",),
    ("com.plexapp.agents.hama://mal-1?lang=en",): NONE,
    ("com.plexapp.agents.cmdb://some-key?lang=en",): ("cmdb:some-key",),
    ("com.plexapp.agents.tvmaze://82",): ("tvmaze:82",),
    ("net.fribbtastic.coding.plex.myanimelist://16498?lang=en",): ("mal:16498",),
    ("com.plexapp.agents.ytinforeader://youtube|dQw4w9WgXcQ|A title?lang=xn",): ("youtube:dQw4w9WgXcQ",),
    ("com.plexapp.agents.youtube://youtube%7CdQw4w9WgXcQ%7C2019?lang=xn",): ("youtube:dQw4w9WgXcQ",),
    ("tt1234567",): ("imdb:tt1234567",),
    # NFO agents of Plex itself
    ("tv.plex.agents.nfo.movie://movie/tmdb_383498",): ("tmdb:383498",),
    ("tv.plex.agents.nfo.movie://movie/imdb_tt0103639",): ("imdb:tt0103639",),
    ("tv.plex.agents.nfo.movie://movie/858024",): NONE,
    ("tv.plex.agents.nfo.movie://person/tmdb_1",): NONE,
    # nobody's ids
    ("com.plexapp.agents.none://0a1b2c?lang=xn",): NONE,
    ("tv.plex.agents.none://0a1b2c",): NONE,
    ("local://123456",): NONE,
    ("com.plexapp.agents.localmedia://artist/1",): NONE,
    ("com.plexapp.agents.plexmusic://gracenote/track/7572499",): NONE,
    ("tv.plex.agents.custom.mine://show/42",): NONE,
    ("tv.plex.xmltv://show/42",): NONE,
    ("iva://api.internetvideoarchive.com/2.0/DataService/VideoAssets(409353)?lang=en",): NONE,
    ("file:///movies/a.mkv",): NONE,
    ("prerolls://1",): NONE,
    ("library://1",): NONE,
    ("collection://1",): NONE,
    # spellings
    ("  IMDB://TT0903747  ",): ("imdb:tt0903747",),
    ("COM.PLEXAPP.AGENTS.IMDB://tt0072684?lang=en",): ("imdb:tt0072684",),
    ("imdb://0903747",): NONE,
    ("tmdb://abc",): NONE,
    ("tmdb://",): NONE,
    ("://603",): NONE,
    # a merged item has two ids of one provider
    (None, "tmdb://700", "tmdb://99", "imdb://tt0000700", "imdb://tt0000099"): ("tmdb:99", "imdb:tt0000099"),
}


@pytest.mark.parametrize(("given_guids", "expected"), MOVIES.items())
def test_the_ids_of_a_movie(given_guids, expected):
    scalar, *tags = given_guids
    assert set(guids.movie_ids(scalar, tags)) == set(ids(*expected))


# Show's scalar guid, its list, episode's scalar guid, season and number → ids of the show
SHOWS = {
    "new agents": (
        "plex://show/5d9c",
        ["tvdb://81189", "imdb://tt0903747"],
        "plex://episode/60d5",
        (1, 5),
        ("tvdb:81189", "imdb:tt0903747"),
    ),
    "tvdb": (
        "com.plexapp.agents.thetvdb://81797?lang=en",
        [],
        "com.plexapp.agents.thetvdb://81797/22/70?lang=en",
        (22, 70),
        ("tvdb:81797",),
    ),
    "only the episode's own guid": (
        None,
        [],
        "com.plexapp.agents.themoviedb://1396/1/5?lang=en",
        (1, 5),
        ("tmdb:1396",),
    ),
    "specials": (None, [], "com.plexapp.agents.thetvdb://81797/0/3?lang=en", (0, 3), ("tvdb:81797",)),
    "tv nfo": (None, [], "com.plexapp.agents.xbmcnfotv://81189/1/1?lang=en", (1, 1), ("tvdb:81189",)),
    "hama": (
        "com.plexapp.agents.hama://tvdb-81797?lang=en",
        [],
        "com.plexapp.agents.hama://tvdb-81797/22/70?lang=en",
        (22, 70),
        ("tvdb:81797",),
    ),
    "hama with anidb": (None, [], "com.plexapp.agents.hama://anidb-4691/1/1?lang=en", (1, 1), ("anidb:4691",)),
    "hama in another order": (
        "com.plexapp.agents.hama://tvdb3-81797?lang=en",
        [],
        "com.plexapp.agents.hama://tvdb3-81797/22/1089?lang=en",
        (22, 1089),
        ("tvdb3:81797",),
    ),
    "dvd order": (None, [], "com.plexapp.agents.thetvdbdvdorder://78874/1/3?lang=en", (1, 3), ("tvdbdvd:78874",)),
    "numbers that the library has in another way": (
        "com.plexapp.agents.hama://anidb-4691?lang=en",
        [],
        "com.plexapp.agents.hama://anidb-4691/1/13?lang=en",
        (2, 1),
        NONE,
    ),
    "another way, and a list that knows better": (
        "com.plexapp.agents.hama://anidb-4691?lang=en",
        ["tvdb://7"],
        "com.plexapp.agents.hama://anidb-4691/1/13?lang=en",
        (2, 1),
        ("tvdb:7",),
    ),
    "native nfo": (
        "tv.plex.agents.nfo.series://show/tvdb_84871",
        [],
        "tv.plex.agents.nfo.series://episode/tvdb_349232",
        (1, 1),
        ("tvdb:84871",),
    ),
    "native nfo of a season": ("tv.plex.agents.nfo.series://season/tvdb_5", [], None, (1, 1), NONE),
    "my anime list": (
        None,
        [],
        "net.fribbtastic.coding.plex.myanimelist://16498/1/3?lang=en",
        (1, 3),
        ("mal:16498",),
    ),
    "youtube": (
        "com.plexapp.agents.youtube://youtube|UC123|Channel?lang=xn",
        [],
        "com.plexapp.agents.youtube://youtube|UC123|Channel/2019/12?lang=xn",
        (2019, 12),
        ("youtube:UC123",),
    ),
    "unmatched": ("local://7", [], "local://8", (1, 1), NONE),
    "merged": ("plex://show/5d9c", ["tvdb://900", "tvdb://81"], None, (1, 1), ("tvdb:81",)),
    "no numbers": (None, [], "com.plexapp.agents.thetvdb://81797/22/70", None, ("tvdb:81797",)),
}


@pytest.mark.parametrize("name", SHOWS)
def test_the_ids_of_a_show(name):
    scalar, tags, episode_guid, numbers, expected = SHOWS[name]
    assert set(guids.show_ids([scalar], tags, episode_guid, numbers)) == set(ids(*expected))


EPISODES = {
    ("plex://episode/60d5", "imdb://tt1234567", "tmdb://2968401", "tvdb://8449513"): (
        "imdb:tt1234567",
        "tmdb:2968401",
        "tvdb:8449513",
    ),
    ("com.plexapp.agents.thetvdb://81797/22/70?lang=en",): NONE,
    ("com.plexapp.agents.thetvdb://81797?lang=en",): NONE,
    ("com.plexapp.agents.hama://tvdb-81797/22/70?lang=en",): NONE,
    ("tv.plex.agents.nfo.series://episode/tvdb_349232",): ("tvdb:349232",),
    ("tv.plex.agents.nfo.series://show/tvdb_84871",): NONE,
    ("local://7",): NONE,
}


@pytest.mark.parametrize(("given_guids", "expected"), EPISODES.items())
def test_the_ids_of_an_episode_are_never_those_of_its_show(given_guids, expected):
    scalar, *tags = given_guids
    assert set(guids.episode_ids(scalar, tags)) == set(ids(*expected))


@pytest.mark.parametrize(
    ("guid", "numbers"),
    [
        ("com.plexapp.agents.thetvdb://81797/22/70?lang=en", (22, 70)),
        ("com.plexapp.agents.thetvdb://81797/0/1?lang=en", (0, 1)),
        ("com.plexapp.agents.thetvdb://81797/22?lang=en", None),
        ("com.plexapp.agents.thetvdb://81797/2019-01-02?lang=en", None),
        ("com.plexapp.agents.thetvdb://81797/1/2/3?lang=en", None),
        ("plex://episode/60d5", None),
        (None, None),
    ],
)
def test_the_numbers_in_a_legacy_guid(guid, numbers):
    assert guids.numbers_in(guid) == numbers


PARTS = st.sampled_from(
    ["com.plexapp.agents.", "hama", "thetvdb", "youtube", "tv.plex.agents.nfo.", "://", "/", "|", "-", "_", "?", "tt"]
)


@given(st.lists(PARTS | st.text(max_size=4) | st.integers(0, 10**30).map(str), max_size=9).map("".join))
def test_no_text_makes_the_reader_fail(text):
    for found in (
        guids.movie_ids(text, [text]),
        guids.episode_ids(text, [text]),
        guids.show_ids([text], [text], text, None),
    ):
        assert all(each.provider and each.value for each in found)
