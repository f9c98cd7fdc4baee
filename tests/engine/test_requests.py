"""What three servers are asked: the budgets of requests, as formulas. `make bench` prints the same at full size."""

import asyncio

import pytest
import stamina
from tests.engine.home import Home, episode, movie, reports
from tests.engine.large_home import NAMES, POSITION, Traffic, batches, large_home, pages, traffic

LISTS_OF_CHANGES = {"plex": 2, "jellyfin": 3, "emby": 1}
"""What was changed is listed by each library of Plex, and by Jellyfin as played, saved and half watched."""
READS_BEFORE_A_HUNDRED_WRITES = {
    "plex": ("what is played", "the entries", "their shows", "what is played", "the entries"),
    "jellyfin": ("what is played", "the entries", "their shows", "what is played"),
    "emby": ("what is played", "their shows", "what is played"),
}
"""The first of them are a targeted read (W2), the last ones come with the writes: W6 asks what is played right then,
and Plex compares once more, since a mark that is sent twice counts twice. Emby shows entries one by one."""
READS_AFTER_POSITIONS = {
    "plex": ("what is played", "the entries", "their shows"),
    "jellyfin": ("what is played", "the entries", "their shows"),
    "emby": ("what is played", "their shows"),
}


class Costs:
    """What the runs of one large household cost, each by server."""

    def __init__(self, folder) -> None:
        home, self.library = large_home(folder, movies=400, shows=25, episodes_per_show=60, seed=7)
        with stamina.set_testing(True, attempts=1):
            self.first, self.written = self._run(home)
            self.echoes, _ = self._run(home)
            self.silent, _ = self._run(home)
            self.full, _ = self._run(home, is_full=True)
        self.is_agreed = {
            name: [place.simulator.state(place.user, entry).watched for entry in place.simulator.entry_ids()]
            for name, place in home.places.items()
        }

    def _run(self, home, **asked) -> tuple[dict[str, Traffic], dict[str, int]]:
        done = reports(asyncio.run(home.run("sync", **asked)))
        assert [one.error or one.note for one in done.values()] == [""] * 3
        return traffic(home), {name: one.written for name, one in done.items()}

    def listings(self, name) -> int:
        """Pages of a whole scan."""
        entries = [self.library.movies, self.library.episodes]
        if name != "plex":
            entries = [sum(entries)]
        return pages(self.library.shows) + sum(map(pages, entries))


@pytest.fixture(scope="module")
def costs(tmp_path_factory):
    return Costs(tmp_path_factory.mktemp("large"))


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def own_others(name) -> int:
    """Who answers, what is played, and which libraries Plex has."""
    return 3 if name == "plex" else 2


def test_the_household_comes_to_agree(costs):
    assert {sum(watched) for watched in costs.is_agreed.values()} == {costs.library.watched}


def test_every_title_that_a_server_lacks_is_written_there_once(costs, name):
    assert costs.written[name] == costs.library.marks[name] + costs.library.positions[name]


def test_a_change_takes_one_request_and_a_dated_mark_on_emby_two(costs, name):
    marks = costs.library.marks[name] * (2 if name == "emby" else 1)
    assert costs.first[name].writes == marks + costs.library.positions[name]


def test_the_first_run_lists_everything_once(costs, name):
    assert costs.first[name].listings == costs.listings(name)


def test_the_first_run_reads_what_it_writes_and_reads_positions_back(costs, name):
    positions = costs.library.positions[name]
    changes = costs.library.marks[name] + positions
    asked = (len(READS_BEFORE_A_HUNDRED_WRITES[name]) + len(READS_AFTER_POSITIONS[name])) * batches(changes)
    one_by_one = changes + 2 * positions if name == "emby" else 0  # a state is sent whole, so it is read again
    scanning = costs.listings(name) + own_others(name)
    assert costs.first[name].reads - scanning <= asked + one_by_one


def test_a_second_run_writes_nothing(costs, name):
    assert [run[name].writes for run in (costs.echoes, costs.silent, costs.full)] == [0, 0, 0]


def test_a_full_run_without_news_lists_everything_once_and_reads_nothing_by_itself(costs, name):
    # Emby's rows may lack counts and dates, so a full scan there begins with the list of changes: one page, and once
    # more what is played.
    changes = 1 if name == "emby" else 0
    expected = Traffic(listings=costs.listings(name) + changes, others=own_others(name) + changes)
    assert costs.full[name] == expected


def test_an_incremental_run_after_our_own_writes_lists_them_again_and_reads_none_by_itself(costs, name):
    assert costs.echoes[name].listings <= LISTS_OF_CHANGES[name] + 2
    assert costs.echoes[name].details <= 2 * batches(costs.library.shows)


def test_an_incremental_run_without_news_takes_six_requests_at_most(costs, name):
    # More than fifty plays within a day, as here, are another page on Jellyfin.
    assert costs.silent[name].reads <= (7 if name == "jellyfin" else 6)


async def test_an_emby_that_hides_plays_is_asked_once_about_what_was_watched_and_never_about_the_rest(tmp_path):
    home = Home(tmp_path, emby="emby")
    place = home["emby"]
    place.simulator.hides_plays_in_lists = True
    entries = [place.add(movie(number)) for number in range(20)]
    entries += [place.add(episode(1, number)) for number in range(1, 21)]
    for entry in entries[::4]:
        place.watch(entry)
    place.play(entries[1], POSITION)
    home.clock.pass_time()  # a list of changes begins some seconds before the last read
    await home.sync()
    assert traffic(home)["emby"].details == len(entries[::4]) + 1, "and once about their show"
    await home.run("sync", is_full=True)
    assert traffic(home)["emby"].details == 0


async def test_an_emby_that_hides_plays_is_asked_once_about_each_of_our_own_marks(tmp_path):
    home = Home(tmp_path, "jellyfin", emby="emby")
    home["emby"].simulator.hides_plays_in_lists = True
    for number in range(10):
        home["jellyfin"].watch(home["jellyfin"].add(movie(number)))
        home["emby"].add(movie(number))
    await home.sync()
    traffic(home)
    for expected in (10, 0):
        await home.run("sync", is_full=True)
        assert traffic(home)["emby"].details == expected
