"""M2, M3, M7: which item an entry is, by votes; never a guess."""

from watchstate.sync.keys import Slot
from watchstate.sync.match import Ambiguous, Candidate, Found, New, Unidentified, match


def film(*keys: str) -> Slot:
    """Return the slot of a movie."""
    return Slot(own_keys=frozenset(f"movie:{key}" for key in keys))


def films(item: int, *keys: str) -> Candidate:
    """Return a movie that is known."""
    return Candidate(item=item, keys=frozenset(f"movie:{key}" for key in keys))


def part(season: int | None, episode: int | None, show: tuple[str, ...] = (), own: tuple[str, ...] = ()) -> Slot:
    """Return the slot of an episode."""
    return Slot(
        season=season,
        episode=episode,
        show_keys=frozenset(f"show:{key}:{season}:{episode}" for key in show),
        own_keys=frozenset(f"episode:{key}" for key in own),
    )


def parts(
    item: int, season: int | None, episode: int | None, show: tuple[str, ...] = (), own: tuple[str, ...] = ()
) -> Candidate:
    """Return an episode that is known."""
    return Candidate(item=item, season=season, episode=episode, keys=part(season, episode, show, own).keys)


def test_an_entry_without_any_key_stays_unmatched():
    """M3, M6: titles are never a key."""
    assert match(Slot(), [films(1, "tmdb:5")]) == Unidentified()


def test_an_entry_that_nobody_knows_is_new():
    """M2: no candidate shares a key."""
    assert match(film("tmdb:5"), []) == New()
    assert match(film("tmdb:5"), [films(1, "tmdb:6")]) == New()


def test_one_shared_id_finds_the_item():
    """M2: items are found through the union of their entries' keys."""
    assert match(film("tmdb:5"), [films(1, "tmdb:5", "imdb:tt0000005"), films(2, "tmdb:6")]) == Found(1)


def test_the_same_value_at_another_provider_is_nothing():
    """M1: keys carry the provider."""
    assert match(film("tmdb:5"), [films(1, "tvdb:5")]) == New()


def test_a_shared_show_key_beats_a_shared_episode_id():
    """M3: for episodes a shared show key with the same season and number beats a shared episode id."""
    slot = part(1, 2, show=("tvdb:5",), own=("tvdb:70", "imdb:tt0000070"))
    by_show = parts(1, 1, 2, show=("tvdb:5",))
    by_own = parts(2, 1, 2, own=("tvdb:70", "imdb:tt0000070"))
    assert match(slot, [by_own, by_show]) == Found(1)


def test_a_shared_id_beats_a_shared_path():
    """M3, M6: paths are the weakest evidence."""
    slot = Slot(own_keys=frozenset({"movie:tmdb:5"}), path_keys=frozenset({"movie:path:a/b.mkv"}))
    by_path = Candidate(item=1, keys=frozenset({"movie:path:a/b.mkv", "movie:tmdb:6"}))
    assert match(slot, [by_path, films(2, "tmdb:5")]) == Found(2)


def test_another_number_is_another_episode_whatever_ids_say():
    """M3: a candidate whose season or number contradicts the entry is no candidate."""
    slot = part(1, 2, own=("tvdb:70",))
    assert match(slot, [parts(1, 1, 3, own=("tvdb:70",))]) == New()
    assert match(slot, [parts(1, 2, 2, own=("tvdb:70",))]) == New()


def test_a_number_that_is_not_known_contradicts_nothing():
    """M3: unknown is no contradiction."""
    assert match(part(None, None, own=("tvdb:70",)), [parts(1, 1, 2, own=("tvdb:70",))]) == Found(1)
    assert match(part(1, 2, own=("tvdb:70",)), [parts(1, None, None, own=("tvdb:70",))]) == Found(1)


def test_season_zero_is_a_season():
    """M3: 0 contradicts 1."""
    assert match(part(0, 2, own=("tvdb:70",)), [parts(1, 1, 2, own=("tvdb:70",))]) == New()


def test_more_shared_ids_win():
    """M3: candidates are voted."""
    slot = film("tmdb:5", "imdb:tt0000005", "tvdb:9")
    assert match(slot, [films(1, "tmdb:5", "imdb:tt0000005", "tvdb:8"), films(2, "tvdb:9", "tmdb:4")]) == Found(1)


def test_no_unique_winner_is_ambiguous_with_its_candidates():
    """M3: no unique winner → the entry stays unmatched, as ambiguous, with the candidates recorded. Never guess."""
    slot = film("tmdb:5", "imdb:tt0000007")
    one, other = films(1, "tmdb:5", "imdb:tt0000006"), films(2, "tmdb:4", "imdb:tt0000007")
    assert match(slot, [other, one]) == Ambiguous((1, 2))


def test_two_items_that_a_new_entry_proves_equal_are_merged():
    """M7: two items that one new entry proves equal: nothing that they state differs."""
    slot = film("tmdb:5", "imdb:tt0000005")
    assert match(slot, [films(4, "imdb:tt0000005"), films(2, "tmdb:5")]) == Found(2, (4,))


def test_items_that_state_different_ids_of_one_provider_are_not_merged():
    """M7, M3: they are two titles, so nothing is proved."""
    slot = film("tmdb:5", "imdb:tt0000005")
    other = films(2, "tmdb:5", "imdb:tt0000009")
    assert match(slot, [films(1, "imdb:tt0000005", "tmdb:8"), other]) == Ambiguous((1, 2))


def test_two_shows_numbers_prove_two_episode_items_equal():
    """M7: one file knows both of the show's ids."""
    slot = part(1, 2, show=("tvdb:5", "tmdb:6"))
    one, other = parts(1, 1, 2, show=("tvdb:5",)), parts(2, 1, 2, show=("tmdb:6",))
    assert match(slot, [one, other]) == Found(1, (2,))


def test_a_contradicted_candidate_has_no_vote_in_a_merger():
    """M3, M7: a candidate that contradicts the entry is no candidate."""
    slot = part(1, 2, show=("tvdb:5",), own=("tvdb:70",))
    assert match(slot, [parts(1, 1, 2, show=("tvdb:5",)), parts(2, 1, 3, own=("tvdb:70",))]) == Found(1)


def test_the_order_of_candidates_decides_nothing():
    """M3: never guess."""
    slot = film("tmdb:5", "imdb:tt0000007")
    candidates = [films(1, "tmdb:5", "imdb:tt0000006"), films(2, "tmdb:4", "imdb:tt0000007"), films(3, "tmdb:5")]
    assert match(slot, candidates) == match(slot, candidates[::-1])


def test_items_of_which_only_some_can_be_one_are_not_merged():
    """M7, M3: of three candidates two contradict each other, so nothing is proved."""
    slot = film("tmdb:5", "imdb:tt0000007")
    candidates = [films(1, "tmdb:5", "imdb:tt0000006"), films(2, "tmdb:4", "imdb:tt0000007"), films(3, "tmdb:5")]
    assert match(slot, candidates) == Ambiguous((1, 2, 3))


def test_an_id_of_an_unknown_provider_does_not_stand_against_one_of_a_known():
    """M3, M4: films of one collection may share an id of a provider that nobody knows; they are not one film."""
    slot = Slot(own_keys=frozenset({"movie:tmdb:1", "movie:somecollection:9"}))
    other = Candidate(item=7, keys=frozenset({"movie:tmdb:2", "movie:somecollection:9"}))
    assert match(slot, [other]) == New()


def test_an_id_of_an_unknown_provider_alone_is_a_key():
    """M4: unknown providers are kept as keys of their own."""
    slot = Slot(own_keys=frozenset({"movie:tmdb:1", "movie:somedatabase:9"}))
    other = Candidate(item=7, keys=frozenset({"movie:imdb:tt0000002", "movie:somedatabase:9"}))
    assert match(slot, [other]) == Found(7)


def test_an_item_that_is_only_being_created_joins_one_that_exists():
    """M7: what this batch is about to create has a negative number, and nothing refers to it yet."""
    candidates = [films(-1, "tmdb:5"), films(7, "imdb:tt0000005")]
    assert match(film("tmdb:5", "imdb:tt0000005"), candidates) == Found(7, (-1,))
