"""What reviewers and hostile users found: each once broke a promise, or told an untruth."""

import pytest
from msgspec.structs import replace
from tests.engine.home import DAY, HOUR, MINUTE, Home, movie

from watchstate.api import BusyError, Everything, StorageError, hookimpl
from watchstate.storage import accounts, deliveries
from watchstate.storage.accounts import lease_owner
from watchstate.storage.rehearsal import rehearsal
from watchstate.sync import lease
from watchstate.sync.finding import find
from watchstate.sync.planning import known_work, plan_household
from watchstate.sync.runs import Request, run
from watchstate.testing import Fault, FaultKind
from watchstate_jellyfin.backend import JellyfinBackend


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, "one", "two")


async def test_m7_a_title_that_is_only_being_created_joins_one_that_exists(home):
    first = home["one"].add(movie(1, ids={"Imdb": "tt0000001"}))
    home["one"].watch(first)
    await home.sync("one")
    seconds = [home["two"].add(movie(1, ids={"Tmdb": "1"}))]
    home.clock.pass_time()
    seconds.append(home["two"].add(movie(1, ids={"Tmdb": "1", "Imdb": "tt0000001"}, path="/4k/x.mkv")))
    await home.sync()
    assert all(home["two"].is_watched(entry) for entry in seconds)
    async with home.services() as services:
        assert (await find(services.engine, "Film 1")).count == 1


async def test_r5_an_unmark_that_waits_for_the_scans_end_survives_a_join_on_a_later_page(home):
    first = home["one"].add(movie(1, ids={"Imdb": "tt0000001"}))
    second = home["two"].add(movie(1, ids={"Tmdb": "1"}))
    home["one"].watch(first)
    home["two"].watch(second)
    await home.sync()
    home.clock.pass_time(HOUR)
    home["two"].unwatch(second)
    for number in range(100, 1150):
        home["two"].add(movie(number))
    home.clock.pass_time()
    home["two"].add(movie(1, ids={"Tmdb": "1", "Imdb": "tt0000001"}, path="/third/x.mkv"))
    await home.sync()
    assert not home["one"].is_watched(first)
    assert not home["two"].is_watched(second)


class WithoutDetail(JellyfinBackend):
    """Its listings carry neither count nor date, as Emby's."""

    @hookimpl
    async def fetch_library(self, account, http, scope):
        async for batch in super().fetch_library(account, http, scope):
            if isinstance(scope, Everything):
                bare = [
                    replace(fact, is_detailed=False, state=replace(fact.state, play_count=None, watched_at=None))
                    for fact in batch.facts
                ]
                yield replace(batch, facts=tuple(bare))
            else:
                yield batch


async def test_r5_unmarks_that_need_a_detail_read_meet_the_brake_together(home):
    pairs = [(home["one"].add(movie(number)), home["two"].add(movie(number))) for number in range(60)]
    for first, _ in pairs:
        home["one"].watch(first)
    await home.run("sync", backend=WithoutDetail())
    assert all(home["two"].is_watched(second) for _, second in pairs)
    for _, second in pairs:
        home["two"].unwatch(second)
    outcome = await home.run("sync", backend=WithoutDetail())
    assert all(home["one"].is_watched(first) for first, _ in pairs)
    assert outcome.report.accounts[1].held == 60
    assert outcome.report.exit_code == 4


async def test_w5_a_server_that_refuses_for_hours_is_asked_ever_less_often(home):
    first, _ = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    await home.run("import")
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=500, path="/UserData", times=999))
    for _ in range(24):
        await home.run("export")
    tried = [request for request in home["two"].simulator.faults.happened if request.status == 500]
    assert len(tried) <= 9, "four hours of failures, with ten minutes between the runs"


async def test_the_plan_shows_what_waits_for_its_next_try(home):
    first, _ = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    await home.run("import")
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=400, path="/UserData", times=999))
    outcome = await home.run("export")
    assert outcome.report.accounts[1].waiting == 1
    home.clock.now -= 10 * MINUTE
    async with home.services() as services:
        planned = await plan_household(services.engine, services.household().members)
    assert planned["two"][0].attempt.tries == 1


async def test_an_incomplete_first_scan_is_not_made_twice(home):
    home["one"].add(movie(1))
    scans = []

    class WithoutTotal(JellyfinBackend):
        @hookimpl
        async def fetch_library(self, account, http, scope):
            if isinstance(scope, Everything):
                scans.append(account.server.name)
            async for batch in super().fetch_library(account, http, scope):
                yield replace(batch, total=None)

    outcome = await home.run("sync", backend=WithoutTotal())
    assert sorted(scans) == ["one", "two"]
    assert outcome.report.exit_code == 3


async def test_w7_a_renewal_that_fails_leaves_no_lease_behind(home, monkeypatch):
    async def fail(*_):
        raise StorageError("database is locked")

    monkeypatch.setattr(lease, "_renew", fail)
    await home.run("import", "one")
    async with home.services() as services:
        assert await services.storage.read(lambda conn: lease_owner(conn, 1, home.clock())) is None


async def test_a_clock_that_was_set_back_loses_no_unwatch(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    home.clock.now += 30 * DAY
    home["one"].watch(first)
    await home.sync()
    home.clock.now -= 30 * DAY
    home["one"].unwatch(first)
    await home.sync()
    assert not home["two"].is_watched(second)
    assert any("clock" in line for line in home.lines.told)


async def test_r2_the_jitter_of_a_clock_measured_in_seconds_changes_nothing(home):
    first, _ = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    await home.sync()
    lines = await home.journal_lines()
    home.configs["one"] = home["one"].config(**{"import": {"enabled": False}})
    await home.sync()
    home["one"].simulator.skew_ms = -600
    home.configs["one"] = home["one"].config()
    await home.sync()
    assert await home.journal_lines() == lines


async def test_a_title_is_found_by_what_any_server_calls_it(home):
    home["one"].add(movie(1, title="Amelie"))
    home["two"].add(movie(1, title="Le fabuleux destin"))
    await home.sync()
    async with home.services() as services:
        by_both = [(await find(services.engine, text)).items for text in ("amelie", "FABULEUX")]
    assert by_both[0] == by_both[1]
    assert len(by_both[0]) == 1


async def test_w1_an_entry_that_a_read_does_not_show_keeps_its_open_intent(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.DROP_AFTER, path="/UserData"))
    await home.sync()
    home["two"].simulator.remove(second)
    await home.run("export")
    async with home.services() as services:
        intents = await services.storage.read(lambda conn: deliveries.intents(conn, 2, None))
    assert len(intents) == 1, "whether that write arrived is still open"


async def test_w7_what_is_no_longer_ours_is_not_written(home):
    home["one"].add(movie(1))
    await home.run("import", "one")
    async with home.services() as services:
        [work] = await services.storage.read(
            lambda conn: known_work(services.engine, services.household(["one"]).members, conn)
        )
        with pytest.raises(BusyError):
            await lease.write_as_holder(services.engine, replace(work, owner="me"), lambda conn: None)


async def test_w5_a_full_export_tries_at_once_what_was_put_off(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=400, path="/UserData"))
    await home.sync()
    home.clock.now -= 10 * MINUTE
    await home.sync()
    assert not home["two"].is_watched(second)
    home.clock.now -= 10 * MINUTE
    await home.run("export", is_full=True)
    assert home["two"].is_watched(second)


async def test_a_dry_run_does_not_wait_for_a_lease_that_was_copied(home):
    home["one"].add(movie(1))
    await home.run("import", "one")
    async with home.services() as services:
        until = home.clock() + HOUR
        await services.storage.write(lambda conn: accounts.take_lease(conn, 1, "another process", home.clock(), until))
        url = services.settings.storage_url.reveal()
        async with rehearsal(url, home.folder / "tmp", clock=home.clock) as copy:
            outcome = await run(
                services.engine_on(copy), services.household(["one"]), Request(command="import"), home.lines
            )
    assert outcome.report.exit_code == 0
    assert home.lines.told == []


async def test_w5_writes_that_fail_are_told_and_end_the_run_as_partly_failed(home):
    first, _ = home["one"].add(movie(1)), home["two"].add(movie(1))
    home["one"].watch(first)
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=500, path="/UserData", times=9))
    outcome = await home.run("sync")
    two = outcome.report.accounts[1]
    assert outcome.report.exit_code == 3
    assert (two.failed, two.waiting) == (1, 1)
    assert "500" in two.failure
