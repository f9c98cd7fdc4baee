"""M1-M7 on the whole stack: which entries are the same title."""

import pytest
from tests.engine.home import MINUTE, Home, episode, movie


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, "one", "two")


async def test_m1_two_movies_are_two_items(home):
    first = home["one"].add(movie(1))
    seconds = home["two"].add(movie(1)), home["two"].add(movie(2))
    home["one"].watch(first)
    await home.sync()
    assert [home["two"].is_watched(entry) for entry in seconds] == [True, False]


async def test_m1_an_episode_and_a_movie_that_share_a_tmdb_number_are_two_items(home):
    shared = {"Tmdb": "603"}
    film = home["one"].add(movie(1, ids=shared))
    part = home["two"].add(episode(1, 1, ids=shared))
    home["one"].watch(film)
    await home.sync()
    assert not home["two"].is_watched(part)


async def test_m3_two_episodes_that_share_an_imdb_id_are_told_apart_by_their_numbers(home):
    shared = {"Imdb": "tt7654321"}
    ones = [home["one"].add(episode(1, number, ids=shared)) for number in (1, 2)]
    twos = [home["two"].add(episode(1, number, ids=shared)) for number in (1, 2)]
    home["one"].watch(ones[1])
    await home.sync()
    assert [home["two"].is_watched(entry) for entry in twos] == [False, True]
    assert await home.is_silent()


async def test_m3_an_entry_that_fits_two_titles_stays_unmatched_and_untouched(home):
    ones = [
        home["one"].add(movie(1, ids={"Tmdb": "1", "Imdb": "tt0000001"})),
        home["one"].add(movie(2, ids={"Tmdb": "2", "Imdb": "tt0000002"})),
    ]
    mixed = home["two"].add(movie(3, ids={"Tmdb": "1", "Imdb": "tt0000002"}))
    for entry in ones:
        home["one"].watch(entry)
    done = await home.sync()
    assert done["two"].ambiguous == 1
    assert not home["two"].is_watched(mixed)
    assert await home.is_silent()


async def test_m4_a_bare_imdb_number_is_repaired(home):
    first = home["one"].add(movie(1, ids={"Imdb": "tt0133093"}))
    second = home["two"].add(movie(1, ids={"Imdb": "133093"}))
    home["one"].watch(first)
    await home.sync()
    assert home["two"].is_watched(second)


async def test_m5_a_file_with_two_episodes_is_watched_when_both_are(home):
    ones = [home["one"].add(episode(1, number)) for number in (1, 2)]
    double = home["two"].add(episode(1, 1, episodes=(1, 2), path="/shows/double.mkv"))
    home["one"].watch(ones[0])
    await home.sync()
    assert not home["two"].is_watched(double)
    home["one"].watch(ones[1])
    await home.sync()
    assert home["two"].is_watched(double)
    assert await home.is_silent()


async def test_m5_unmarking_a_file_with_two_episodes_unwatches_both(home):
    ones = [home["one"].add(episode(1, number)) for number in (1, 2)]
    double = home["two"].add(episode(1, 1, episodes=(1, 2), path="/shows/double.mkv"))
    home["two"].watch(double)
    await home.sync()
    assert all(home["one"].is_watched(entry) for entry in ones)
    home["two"].unwatch(double)
    await home.sync()
    assert not any(home["one"].is_watched(entry) for entry in ones)
    assert await home.is_silent()


async def test_m5_a_file_with_two_episodes_is_unmarked_when_one_of_them_is(home):
    ones = [home["one"].add(episode(1, number)) for number in (1, 2)]
    double = home["two"].add(episode(1, 1, episodes=(1, 2), path="/shows/double.mkv"))
    home["two"].watch(double)
    await home.sync()
    home["one"].unwatch(ones[0])
    await home.sync()
    assert not home["two"].is_watched(double)
    assert home["one"].is_watched(ones[1]), "the un-mark of the file is our own write, not a person's"
    assert await home.is_silent()


async def test_m5_all_copies_on_one_server_are_kept_in_agreement(home):
    first = home["one"].add(movie(1))
    copies = [home["two"].add(movie(1)), home["two"].add(movie(1, path="/films-4k/Film 1.mkv"))]
    home["one"].watch(first)
    await home.sync()
    assert all(home["two"].is_watched(entry) for entry in copies)
    home["two"].unwatch(copies[1])
    await home.sync()
    assert not any(home["two"].is_watched(entry) for entry in copies)
    assert not home["one"].is_watched(first)
    assert await home.is_silent()


async def test_m2_a_rematched_entry_drops_its_old_title_and_starts_as_first_contact(home):
    wrong = home["one"].add(movie(1))
    right = {number: home["two"].add(movie(number)) for number in (1, 2)}
    home["two"].watch(right[1])
    home["two"].watch(right[2])
    await home.sync()
    assert home["one"].is_watched(wrong)
    home["two"].unwatch(right[1])
    home["one"].simulator.reidentify(wrong, dict(movie(2).ids))
    await home.sync()
    assert home["one"].is_watched(wrong), "it is film 2 now, which is watched"
    assert home["two"].is_watched(right[2])
    assert not home["two"].is_watched(right[1])
    assert await home.is_silent()


async def test_m2_an_entry_whose_ids_are_completed_stays_the_title_it_was(home):
    only = home["one"].add(movie(1, ids={"Tmdb": "1001"}))
    home["one"].watch(only)
    await home.sync()
    home["one"].simulator.reidentify(only, dict(movie(1).ids))
    await home.sync()
    second = home["two"].add(movie(1))
    await home.sync()
    assert home["two"].is_watched(second)
    assert len({line.item_id for line in await home.journal()}) == 1


async def test_m2_an_entry_with_new_ids_is_not_held_by_those_it_had(home):
    """M2: one of its old ids is true of it still, and says nothing against the title that the new one names."""
    moved = home["one"].add(movie(1))
    named = home["two"].add(movie(2, ids={"Tmdb": "1002"}))
    home["two"].watch(named)
    await home.sync()
    home["one"].simulator.reidentify(moved, {"Tmdb": "1002", "Imdb": "tt0001001"})
    await home.sync()
    assert home["one"].is_watched(moved)


async def test_m6_paths_are_keys_only_where_that_is_switched_on(home):
    bare = {"ids": {}, "path": "/mnt/media/Obscure (1999)/Obscure.mkv"}
    first = home["one"].add(movie(1, **bare))
    second = home["two"].add(movie(1, **(bare | {"path": "/data/films/Obscure (1999)/Obscure.mkv"})))
    home["one"].watch(first)
    await home.sync()
    assert not home["two"].is_watched(second)
    home.configs = {name: place.config(options={"match_paths": 2}) for name, place in home.places.items()}
    await home.sync()
    assert home["two"].is_watched(second)


async def test_m7_an_entry_that_proves_two_titles_equal_joins_them(home):
    first = home["one"].add(movie(1, ids={"Tmdb": "1001"}))
    second = home["two"].add(movie(1, ids={"Imdb": "tt0001001"}))
    home["one"].watch(first)
    await home.sync()
    assert not home["two"].is_watched(second), "nothing tells yet that both are the same"
    home["two"].add(movie(1, path="/films-4k/Film 1.mkv"))
    await home.sync()
    assert home["two"].is_watched(second)
    assert [line.rule for line in await home.journal() if line.event == "items joined"] == ["M7"]
    assert await home.is_silent()


@pytest.mark.parametrize("watched", ["one", "two"])
async def test_m7_what_was_watched_as_either_of_two_titles_was_watched_as_the_one_they_are(home, watched):
    entries = {
        "one": home["one"].add(movie(1, ids={"Tmdb": "1001"})),
        "two": home["two"].add(movie(1, ids={"Imdb": "tt0001001"})),
    }
    home[watched].watch(entries[watched])
    await home.sync()
    home["two"].add(movie(1, path="/films-4k/Film 1.mkv"))
    await home.sync()
    await home.sync()
    assert [home[name].is_watched(entry) for name, entry in entries.items()] == [True, True]


async def test_r7_a_position_does_not_travel_to_another_cut(home):
    first = home["one"].add(movie(1))
    longer = home["two"].add(movie(1, runtime_ms=150 * MINUTE))
    home["one"].play(first, 40 * MINUTE)
    await home.sync()
    assert home["two"].shows_state(longer).position_ms == 0
    assert await home.is_silent()
