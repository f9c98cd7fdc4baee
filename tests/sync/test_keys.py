"""M1, M4, M6: the keys under which entries are recognised as the same title."""

import pytest

from watchstate.api import Entry, ProviderId
from watchstate.sync.keys import is_known, normal_id, provider_of, slots


def ids(**given: str) -> tuple[ProviderId, ...]:
    """Return provider ids."""
    return tuple(ProviderId(provider, value) for provider, value in given.items())


def movie(path: str | None = None, **given: str) -> Entry:
    """Return a movie."""
    return Entry(entry_id="m", kind="movie", provider_ids=ids(**given), path=path)


def episode(
    *numbers: int, season: int | None = 1, show: dict[str, str] | None = None, path: str | None = None, **own: str
) -> Entry:
    """Return an episode file."""
    return Entry(
        entry_id="e",
        kind="episode",
        season=season,
        episodes=numbers,
        provider_ids=ids(**own),
        show_ids=ids(**(show or {})),
        path=path,
    )


def test_a_movies_keys_carry_the_kind():
    """M1: (movie, provider, id)."""
    (slot,) = slots(movie(tmdb="603", imdb="tt0133093"))
    assert slot.keys == {"movie:tmdb:603", "movie:imdb:tt0133093"}


def test_an_episode_has_keys_of_the_show_with_its_numbers_and_of_itself():
    """M1: (show's provider id, season, episode) and (episode, provider, id)."""
    (slot,) = slots(episode(5, season=2, show={"tvdb": "81189"}, tvdb="349232"))
    assert (slot.show_keys, slot.own_keys) == ({"show:tvdb:81189:2:5"}, {"episode:tvdb:349232"})
    assert (slot.season, slot.episode) == (2, 5)


def test_a_movie_and_an_episode_with_the_same_id_share_no_key():
    """M1: every key carries the kind."""
    (one,), (other,) = slots(movie(tmdb="603")), slots(episode(1, tmdb="603"))
    assert not one.keys & other.keys


def test_a_show_id_and_an_episode_id_of_the_same_value_share_no_key():
    """M1: every key carries the kind."""
    (slot,) = slots(episode(1, show={"tvdb": "5"}, tvdb="5"))
    assert len(slot.keys) == 2


@pytest.mark.parametrize(("season", "numbers"), [(None, (1,)), (1, ())])
def test_an_episode_without_its_numbers_has_only_its_own_keys(season, numbers):
    """M1: a show's id alone says nothing about an episode."""
    (slot,) = slots(episode(*numbers, season=season, show={"tvdb": "5"}, tvdb="7"))
    assert (slot.show_keys, slot.own_keys) == (frozenset(), {"episode:tvdb:7"})


def test_specials_are_a_season_like_any_other():
    """M1: season 0 is known."""
    (slot,) = slots(episode(3, season=0, show={"tvdb": "5"}))
    assert slot.show_keys == {"show:tvdb:5:0:3"}


def test_a_file_with_several_episodes_stands_for_each():
    """M5: it links to each; its own ids are those of the first."""
    first, second = slots(episode(1, 2, show={"tvdb": "5"}, tvdb="7"))
    assert (first.show_keys, first.own_keys) == ({"show:tvdb:5:1:1"}, {"episode:tvdb:7"})
    assert (second.show_keys, second.own_keys) == ({"show:tvdb:5:1:2"}, frozenset())


@pytest.mark.parametrize(
    ("provider", "value", "normal"),
    [
        ("Imdb", "tt0133093", ("imdb", "tt0133093")),
        ("IMDB", "133093", ("imdb", "tt0133093")),
        ("imdb", "0133093", ("imdb", "tt0133093")),
        ("imdb", " TT0133093 ", ("imdb", "tt0133093")),
        ("imdb", "tt10872600", ("imdb", "tt10872600")),
        ("Tmdb", "603", ("tmdb", "603")),
        ("TheMovieDb", "0603", ("tmdb", "603")),
        ("TheTVDB", "81189", ("tvdb", "81189")),
        ("Tvdb", "81189", ("tvdb", "81189")),
        ("TV Maze", "169", ("tvmaze", "169")),
        ("TvMaze", "169", ("tvmaze", "169")),
        ("TvRage", "18164", ("tvrage", "18164")),
        ("AniDB", "4691", ("anidb", "4691")),
    ],
)
def test_ids_come_in_their_normal_form(provider, value, normal):
    """M4: imdb tt + digits, with bare digits repaired; digits for tmdb, tvdb, tvmaze, tvrage, anidb."""
    assert normal_id(ProviderId(provider, value)) == normal


@pytest.mark.parametrize(
    ("provider", "value"),
    [
        ("imdb", "nm0000206"),
        ("imdb", "tt"),
        ("imdb", "tt0000000"),
        ("imdb", "tt0133093x"),
        ("imdb", "tt0133093\n1"),
        ("imdb", "١٣٣٠٩٣"),
        ("tmdb", "the-matrix"),
        ("tmdb", "0"),
        ("tmdb", "-5"),
        ("tmdb", "X603"),
        ("tmdb", "١٢٣"),
        ("tvdb", " "),
        ("strange", " "),
    ],
)
def test_what_can_be_no_id_is_none(provider, value):
    """M4: a value that is no id of that provider makes no key, so that two wrong values never meet."""
    assert normal_id(ProviderId(provider, value)) is None


def test_unknown_providers_are_kept_as_keys_of_their_own():
    """M4: unknown providers are kept, their values as they are."""
    assert normal_id(ProviderId("Youtube", "dQw4w9WgXcQ")) == ("youtube", "dQw4w9WgXcQ")
    (slot,) = slots(movie(Youtube="dQw4w9WgXcQ"))
    assert slot.keys == {"movie:youtube:dQw4w9WgXcQ"}


def test_a_key_tells_what_it_is_a_statement_about():
    """M1: kind and provider, and the value even if it has colons of its own."""
    assert provider_of("show:tvdb:81189:2:5") == ("show:tvdb", "81189:2:5")


def test_paths_are_no_keys_unless_asked_for():
    """M6: opt-in."""
    (slot,) = slots(movie("/media/movies/Heat (1995)/Heat.mkv"))
    assert slot.keys == frozenset()


def test_a_titles_name_is_never_a_key():
    """M6: titles are never a key."""
    entry = Entry(entry_id="m", kind="movie", title="Heat", year=1995, path="/media/Heat.mkv")
    assert slots(entry)[0].keys == frozenset()


def test_the_last_segments_of_a_path_are_a_key():
    """M6: last segments, whatever lies in front of them, and whatever the case."""
    (one,) = slots(movie("/media/movies/Heat (1995)/Heat.mkv"), path_segments=2)
    (other,) = slots(movie("D:\\films\\heat (1995)\\heat.MKV"), path_segments=2)
    (third,) = slots(movie("/media/other/Heat.mkv"), path_segments=2)
    assert one.path_keys == other.path_keys == {"movie:path:heat (1995)/heat.mkv"}
    assert third.path_keys != one.path_keys


def test_a_path_with_fewer_segments_than_asked_for_is_no_key():
    """M6: fewer would match more than was asked for."""
    (slot,) = slots(movie("/Heat.mkv"), path_segments=2)
    assert slot.path_keys == frozenset()


def test_a_path_key_carries_the_kind():
    """M6, M1: every key carries the kind."""
    (one,) = slots(movie("/a/b.mkv"), path_segments=2)
    (other,) = slots(episode(1, path="/a/b.mkv"), path_segments=2)
    assert not one.path_keys & other.path_keys


def test_a_prefix_is_rewritten_before_paths_are_compared():
    """M6: per-server prefix rewrite."""
    (one,) = slots(movie("/mnt/nas/films/Heat.mkv"), path_segments=3, rewrite={"/mnt/nas/films": "/media/movies"})
    (other,) = slots(movie("/media/movies/Heat.mkv"), path_segments=3)
    assert one.path_keys == other.path_keys


def test_a_windows_prefix_is_rewritten_as_it_is_written():
    """M6: a person writes the prefix as that server shows it."""
    (one,) = slots(movie("D:\\films\\Heat.mkv"), path_segments=3, rewrite={"D:\\films": "/media/movies"})
    (other,) = slots(movie("/media/movies/Heat.mkv"), path_segments=3)
    assert one.path_keys == other.path_keys


def test_a_prefix_ends_where_a_segment_ends():
    """M6: /mnt/film is no prefix of /mnt/films."""
    (slot,) = slots(movie("/mnt/films/Heat.mkv"), path_segments=2, rewrite={"/mnt/film": "/media/x"})
    assert slot.path_keys == {"movie:path:films/heat.mkv"}


def test_a_file_with_several_episodes_has_no_path_key():
    """M6, M5: a path says which file, not which of its episodes."""
    assert all(not slot.path_keys for slot in slots(episode(1, 2, path="/a/b.mkv"), path_segments=1))


def test_an_episode_without_its_number_keeps_its_season_and_its_path():
    """M3, M6: the season still tells it from others, and the path says which file it is."""
    (slot,) = slots(episode(season=2, path="/a/b.mkv"), path_segments=2)
    assert (slot.season, slot.episode, slot.path_keys) == (2, None, {"episode:path:a/b.mkv"})


def test_an_episode_of_its_own_has_a_path_key():
    """M6: the file is this one episode."""
    (slot,) = slots(episode(1, path="/a/b.mkv"), path_segments=2)
    assert slot.path_keys == {"episode:path:a/b.mkv"}


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("movie:imdb:tt0000001", True),
        ("show:tvdb:81189:2:5", True),
        ("movie:youtube:tvdb:1", False),
        ("movie:path:tvdb/x:1", False),
    ],
)
def test_a_key_is_known_by_its_provider(key, known):
    """M3: whatever stands before or behind it."""
    assert is_known(key) is known


def test_a_prefix_may_be_written_with_a_slash_at_its_end():
    """M6: a folder is a folder."""
    (slot,) = slots(movie("/mnt/MIX/Heat.mkv"), path_segments=2, rewrite={"/mnt/MIX/": "/media/movies"})
    assert slot.path_keys == {"movie:path:movies/heat.mkv"}


def test_only_slashes_end_a_prefix():
    """M6: a folder whose name ends with an X is that folder."""
    (slot,) = slots(movie("/mnt/MIX/Heat.mkv"), path_segments=2, rewrite={"/mnt/MIX": "/media/movies"})
    assert slot.path_keys == {"movie:path:movies/heat.mkv"}


def test_a_prefix_may_be_rewritten_to_a_windows_path():
    """M6: as the other server shows it."""
    (slot,) = slots(movie("/mnt/films/Heat.mkv"), path_segments=3, rewrite={"/mnt/films": "D:\\media\\movies"})
    assert slot.path_keys == {"movie:path:media/movies/heat.mkv"}


def test_a_path_with_just_as_many_segments_as_asked_for_is_a_key():
    """M6: all that was asked for is there."""
    (slot,) = slots(movie("/films/Heat.mkv"), path_segments=2)
    assert slot.path_keys == {"movie:path:films/heat.mkv"}
