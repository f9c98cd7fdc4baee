"""The demo's promises: its scenes are played in order, and each fails when a server doesn't show what it must."""

import asyncio
from contextlib import ExitStack, nullcontext
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.engine.home import SetClock

from watchstate.demo.history import live_through
from watchstate.demo.household import Household, differences, make_household
from watchstate.demo.scenes import UNWATCHED, Heading, Plan, Prompt, Shown, play
from watchstate.demo.stage import DemoFailed, Stage
from watchstate.sync.work import RunReport, Silent
from watchstate.testing import LoggedRequest
from watchstate.testing.serving import serve

MACHINE = SetClock()
RUNS = ["import", "export", "sync", "sync", "sync", "sync", "sync"]


class SabotagedStage(Stage):
    """Lets something happen after a run that must not."""

    def __init__(self, *given, after_run, happens):
        super().__init__(*given)
        self._left, self._happens = after_run, happens

    async def run(self, command):
        report = await super().run(command)
        self._left -= 1
        if self._left == 0:
            self._happens(self.household)
        return report


def play_all(*, after_run: int = 0, happens=None) -> tuple[Household, list[Shown]]:
    """Play everything; after the run of this number, let something happen."""
    household = make_household(MACHINE)
    live_through(household)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        everybody = (*household.servers, household.newcomer)
        urls = {server.name: stack.enter_context(serve(server.simulator.app)) for server in everybody}
        reporting = partial(nullcontext, Silent())
        stage = SabotagedStage(household, urls, folder, reporting, after_run=after_run, happens=happens)

        async def collect() -> list[Shown]:
            return [shown async for shown in play(stage)]

        return household, asyncio.run(collect())


@pytest.fixture(scope="module")
def played():
    return play_all()


def test_the_scenes_come_in_order(played):
    _, shown = played
    headings = [each.text for each in shown if isinstance(each, Heading)]
    assert [heading.partition(".")[0] for heading in headings[1:]] == list("1234567")
    assert [each.command for each in shown if isinstance(each, RunReport)] == RUNS
    assert shown[-1] == "Converged means silent."


def test_the_plan_has_something_for_each_kind_of_server(played):
    household, shown = played
    (plan,) = [each for each in shown if isinstance(each, Plan)]
    assert set(plan.planned) == {"plex", "jellyfin", "emby"} == {server.blueprint.kind for server in household.servers}


def test_the_servers_agree_in_the_end_and_only_the_persons_un_watches_were_made(played):
    household, _ = played
    everybody = (*household.servers, household.newcomer)
    before = make_household(MACHINE)
    live_through(before)
    assert differences(before.servers)
    assert differences(everybody) == []
    for server in everybody:
        assert server.watched() == set.union(*(one.watched() for one in before.servers)) - set(UNWATCHED.values())
        assert len(server.begun()) == 3


def test_every_command_that_is_shown_is_followed_by_what_it_did(played):
    _, shown = played
    for prompt, after in pairwise(shown):
        if isinstance(prompt, Prompt):
            assert isinstance(after, RunReport | Plan | Prompt)


def test_no_date_lies_in_the_future(played):
    household, _ = played
    assert household.clock() <= MACHINE.now
    dates = [state.watched_at or 0 for server in household.servers for state in server.states().values()]
    assert 0 < max(dates) <= MACHINE.now


def write_somewhere(household: Household) -> None:
    request = LoggedRequest(method="POST", path="/", query="", status=200, is_write=True)
    household.servers[1].simulator.requests.append(request)


def lose_a_mark(household: Household) -> None:
    household["plex"].unwatch("Jaws (1975)")


def lose_a_mark_everywhere(household: Household) -> None:
    for server in (*household.servers, household.newcomer):
        server.unwatch("Jaws (1975)")


@pytest.mark.parametrize(
    ("after_run", "happens", "told"),
    [
        (1, write_somewhere, "jellyfin was written to 1 times"),
        (2, lose_a_mark, r"disagree about 1 titles: Jaws \(1975\)"),
        (3, lose_a_mark_everywhere, "plex lost other titles"),
        (4, lose_a_mark_everywhere, "emby did not get its mark back"),
        (5, lose_a_mark_everywhere, "the new server changed an old one"),
        (6, write_somewhere, "jellyfin was written to 1 times"),
    ],
)
def test_a_scene_fails_if_a_server_shows_something_else(after_run, happens, told):
    with pytest.raises(DemoFailed, match=told):
        play_all(after_run=after_run, happens=happens)
