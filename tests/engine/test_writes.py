"""W1-W8 on the whole stack: what is written, when, and what an answer that is lost comes to."""

import asyncio
import socket
from functools import partial

import pytest
from tests.engine.home import DAY, HOUR, MINUTE, START, Home, episode, movie
from tests.engine.stage import ALL, JELLYFIN_10, MARK, PARTNER, PLEX, Stage, on

from watchstate.api import BackendProtocolError, Outcome, PushOutcome, hookimpl
from watchstate.app import open_services
from watchstate.config import load_settings
from watchstate.plugins.manager import PluginManager
from watchstate.storage import accounts, deliveries
from watchstate.sync.runs import Request, run
from watchstate.sync.work import Engine
from watchstate.testing import Fault, FaultKind
from watchstate_jellyfin.backend import JellyfinBackend
from watchstate_plex.backend import PlexBackend

WRITE = "/UserData"


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, "one", "two")


def a_watched_pair(home, number=1):
    first, second = home["one"].add(movie(number)), home["two"].add(movie(number))
    home["one"].watch(first, at=START - DAY)
    return first, second


async def test_w1_a_delivery_survives_a_server_that_is_down_for_a_week(home):
    first, second = a_watched_pair(home)
    await home.sync()
    home["one"].unwatch(first)
    home["two"].simulator.starting = True
    done = await home.sync()
    assert "503" in done["two"].error or "starting" in done["two"].error
    assert done["one"].error == ""
    home.clock.pass_time(7 * DAY)
    home["two"].simulator.starting = False
    await home.sync()
    assert not home["two"].is_watched(second)


async def test_w2_what_a_person_did_meanwhile_is_not_written_again(home):
    _, second = a_watched_pair(home)
    await home.run("import")
    home["two"].watch(second)
    writes = home.writes()
    await home.run("export")
    assert home.writes() == writes
    assert home["two"].shows_state(second).play_count == 1


async def test_w2_the_rules_run_on_what_is_read_before_a_write(home):
    """W2, R3: a watch that shows only there is later than the un-watch that was about to be written."""
    first, second = a_watched_pair(home)
    await home.sync()
    await home.sync()
    home["one"].unwatch(first)
    await home.run("import", "one")
    home["two"].watch(second)
    await home.run("export", "two")
    assert home["two"].is_watched(second)
    await home.run("export", "one")
    assert home["one"].is_watched(first)


async def test_w3_a_write_whose_answer_is_lost_is_not_repeated(home):
    _, second = a_watched_pair(home)
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.DROP_AFTER, path=WRITE))
    done = await home.sync()
    assert done["two"].waiting == 1
    assert home["two"].is_watched(second)
    writes = home.writes()
    await home.sync()
    assert home.writes() == writes
    assert await home.is_silent()


async def test_w3_a_write_that_did_not_arrive_is_repeated_after_a_minute(home):
    _, second = a_watched_pair(home)
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.DROP_BEFORE, path=WRITE))
    await home.sync()
    assert not home["two"].is_watched(second)
    home.clock.now -= 10 * MINUTE - 30_000
    await home.sync()
    assert not home["two"].is_watched(second), "the server may still apply it: it is too early to repeat it"
    await home.sync()
    assert home["two"].is_watched(second)
    assert await home.is_silent()


async def test_w3_an_unmark_after_a_lost_answer_wins(home):
    first, second = a_watched_pair(home)
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.DROP_AFTER, path=WRITE))
    await home.sync()
    home["one"].unwatch(first)
    await home.sync()
    await home.sync()
    assert not home["one"].is_watched(first)
    assert not home["two"].is_watched(second)


async def test_w3_a_process_that_dies_after_sending_leaves_an_intent_that_the_next_one_settles(home):
    _, second = a_watched_pair(home)
    await home.run("import")
    sent = asyncio.Event()

    class DiesAfterSending(JellyfinBackend):
        @hookimpl
        async def push_state(self, account, http, changes):
            await super().push_state(account, http, changes)
            sent.set()
            await asyncio.Event().wait()

    mounts = {place.url: place.simulator.app for place in home.places.values()}
    plugins = PluginManager.of({"jellyfin": DiesAfterSending()})
    async with open_services(
        load_settings(home.environ), servers=home.configs, clock=home.clock, mounts=mounts, plugins=plugins
    ) as services:
        dying = asyncio.create_task(run(services.engine, services.household(), Request(command="export"), home.lines))
        await sent.wait()
        writes = home.writes()
        home.clock.pass_time()
        await home.sync()
        assert home["two"].is_watched(second)
        assert home.writes() == writes, "the write had arrived, so it is not sent again"
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying


async def test_w3_what_a_process_had_sent_when_it_died_is_no_persons_watch(tmp_path):
    """W3: nobody but the intent says whose the mark is, and an un-watch elsewhere must not lose against it."""
    home = Stage(tmp_path, a=PLEX, b=JELLYFIN_10)
    home.mark("b")
    home.wait()
    await home.scan()
    home.wait()
    sent = asyncio.Event()

    class DiesAfterSending(PlexBackend):
        @hookimpl
        async def push_state(self, account, http, changes):
            await super().push_state(account, http, changes)
            sent.set()
            await asyncio.Event().wait()

    async with home.services(DiesAfterSending()) as services:
        request = Request(command="export")
        dying = asyncio.create_task(run(services.engine, services.household(["a"]), request, home.lines))
        await sent.wait()
        home.wait(1)
        home.unmark("b")
        home.wait(5)
        await home.scan("b")
        await home.scan("a")
        assert (await home.hub()).watched is False
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying


async def test_w5_an_entry_that_is_gone_at_the_write_waits_and_nothing_is_concluded(home):
    first, second = a_watched_pair(home)
    await home.run("import")
    home["two"].simulator.remove(second)
    outcome = await home.run("export")
    assert outcome.report.accounts[1].waiting == 1
    assert home["two"].add(movie(1)) == second
    home.clock.pass_time(HOUR)
    await home.sync()
    assert home["two"].is_watched(second)
    assert home["one"].is_watched(first)


async def test_w5_a_refused_account_is_paused_with_its_reason_and_others_go_on(home):
    pairs = [a_watched_pair(home, number) for number in (1, 2)]
    home.configs["two"] = home["two"].config(token="not-a-token-at-all")
    outcome = await home.run("sync")
    assert outcome.report.exit_code == 3
    assert "token" in outcome.report.accounts[1].error
    assert "not-a-token-at-all" not in outcome.report.accounts[1].error
    assert await paused(home) == [None, outcome.report.accounts[1].error]
    home.configs["two"] = home["two"].config()
    await home.sync()
    assert all(home["two"].is_watched(second) for _, second in pairs)
    assert await paused(home) == [None, None]


async def paused(home):
    """Return why each account is paused."""
    async with home.services() as services:
        return [row.paused_reason for row in await services.storage.read(accounts.accounts)]


async def test_w5_an_account_in_trouble_keeps_no_other_of_its_server_waiting(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    bea = {name: place.simulator.add_user("bea") for name, place in home.places.items()}
    for name, place in home.places.items():
        home.configs[name] = place.config(users={"bea": {"user": bea[name]}})
    home["one"].simulator.watch(bea["one"], first)

    class BreaksForMain(JellyfinBackend):
        @hookimpl
        async def fetch_library(self, account, http, scope):
            if account.identity == "main":
                raise BackendProtocolError(account.server.name, "reading a page", "it is no JSON", "try again")
            async for batch in super().fetch_library(account, http, scope):
                yield batch

    outcome = await home.run("sync", backend=BreaksForMain())
    assert [bool(one.error) for one in outcome.report.accounts] == [True, False, True, False]
    assert home["two"].simulator.state(bea["two"], second).watched


async def test_w5_what_failed_together_is_not_tried_again_in_the_same_moment(home):
    for number in range(20):
        a_watched_pair(home, number)
    home["two"].simulator.faults.plan(Fault(kind=FaultKind.STATUS, status=400, path=WRITE, times=999))
    done = await home.sync()
    assert done["two"].waiting == 20
    async with home.services() as services:
        waiting = await services.storage.read(partial(deliveries.attempts, account_id=2, rows=None))
    assert len({attempt.next_try_at for attempt in waiting.values()}) > 1


async def test_w6_an_account_that_plays_the_item_now_is_left_alone_until_it_stops(home):
    _, second = a_watched_pair(home)
    home["two"].simulator.start(home["two"].user, second)
    done = await home.sync()
    assert done["two"].waiting == 1
    assert not home["two"].is_watched(second)
    home["two"].simulator.stop(home["two"].user, second, position_ms=10_000)
    home.clock.pass_time(HOUR)
    await home.sync()
    assert home["two"].is_watched(second)


@on(ALL)
async def test_w6_no_kind_of_server_is_written_to_while_it_plays(tmp_path, kind):
    home = Stage(tmp_path, a=kind, b=PARTNER[kind])
    home.mark("b")
    home.wait()
    home.start("a")
    await home.scan()
    assert await home.deliver("a") == 0
    assert not home["a"].is_watched(home.film["a"])
    home.stop("a", 0.1)
    home.wait(60)
    await home.round()
    assert home["a"].is_watched(home.film["a"])


async def test_w7_a_second_process_waits_and_says_for_whom(home, monkeypatch):
    a_watched_pair(home)
    release = asyncio.Event()
    reading = asyncio.Event()

    class Slow(JellyfinBackend):
        @hookimpl
        async def fetch_library(self, account, http, scope):
            reading.set()
            await release.wait()
            async for batch in super().fetch_library(account, http, scope):
                yield batch

    mounts = {place.url: place.simulator.app for place in home.places.values()}
    settings = load_settings(home.environ)
    plugins = PluginManager.of({"jellyfin": Slow()})
    async with open_services(
        settings, servers=home.configs, clock=home.clock, mounts=mounts, plugins=plugins
    ) as services:
        first = asyncio.create_task(run(services.engine, services.household(), Request(command="import"), home.lines))
        await reading.wait()
        monkeypatch.setattr("os.getpid", lambda: 1)
        monkeypatch.setattr("watchstate.sync.lease._is_dead", lambda owner: False)

        async def let_go(seconds):
            release.set()
            await asyncio.sleep(0)

        async with home.services() as others:
            engine = others.engine
            waiting = Engine(
                storage=engine.storage, plugins=engine.plugins, clock=engine.clock, http=engine.http, pause=let_go
            )
            outcome = await run(waiting, others.household(), Request(command="import"), home.lines)
        assert outcome.report.exit_code == 0
        assert any("waiting for watchstate state import" in line for line in home.lines.told)
        await first


async def test_w7_a_process_that_stood_still_stops_when_another_has_taken_over(home):
    a_watched_pair(home)
    reading, overtaken = asyncio.Event(), asyncio.Event()

    class Hangs(JellyfinBackend):
        @hookimpl
        async def fetch_library(self, account, http, scope):
            reading.set()
            await asyncio.Event().wait()
            yield

    async def until_overtaken(seconds):
        await overtaken.wait()

    mounts = {place.url: place.simulator.app for place in home.places.values()}
    plugins = PluginManager.of({"jellyfin": Hangs()})
    async with open_services(
        load_settings(home.environ), servers=home.configs, clock=home.clock, mounts=mounts, plugins=plugins
    ) as services:
        engine = services.engine
        hanging = Engine(
            storage=engine.storage,
            plugins=engine.plugins,
            clock=engine.clock,
            http=engine.http,
            pause=until_overtaken,
        )
        standing = asyncio.create_task(run(hanging, services.household(["one"]), Request(command="import"), home.lines))
        await reading.wait()
        home.clock.pass_time(HOUR)
        until = home.clock() + HOUR
        await engine.storage.write(lambda conn: accounts.take_lease(conn, 1, "another one", home.clock(), until))
        overtaken.set()
        outcome = await standing
    assert "another one has taken over" in outcome.report.accounts[0].error
    assert outcome.report.exit_code == 5


async def test_w7_a_lease_of_a_dead_process_of_this_machine_is_taken_over_at_once(home):
    _, second = a_watched_pair(home)
    await home.run("import")
    owner = f"watchstate state import, process 999999999 on {socket.gethostname()}"
    until = home.clock() + HOUR
    async with home.services() as services:
        for account_id in (1, 2):
            take = partial(accounts.take_lease, account_id=account_id, owner=owner, now=home.clock(), until=until)
            assert await services.storage.write(take) is None
    await home.run("export")
    assert home["two"].is_watched(second)
    assert home.lines.told == [], "nobody waited for it"


def rename_two(conn, server):
    accounts.rename_server(conn, "two", "attic")


def replace_two(conn, server):
    accounts.remember_server(conn, server.server_id, machine_id="another", version=None, clock_skew_ms=None)


@pytest.mark.parametrize("change", [rename_two, replace_two])
async def test_w7_a_run_stops_at_a_server_that_was_changed_between_two_of_its_turns(home, change):
    a_watched_pair(home)

    def change_two_after_its_turn(conn):
        two = next(row for row in accounts.servers(conn) if row.name == "two")
        account = next(row for row in accounts.accounts(conn) if row.server_id == two.server_id)
        has_had_its_turn = (
            account.scan_began_at is not None and accounts.lease_owner(conn, account.account_id, 0) is None
        )
        if has_had_its_turn:
            change(conn, two)
        return has_had_its_turn

    class OneIsSlow(JellyfinBackend):
        @hookimpl
        async def fetch_library(self, account, http, scope):
            if account.server.name == "one":
                while not await services.storage.write(change_two_after_its_turn):
                    pass
            async for batch in super().fetch_library(account, http, scope):
                yield batch

    async with home.services(OneIsSlow()) as services:
        request = Request(command="sync")
        outcome = await run(services.engine, services.household(), request, home.lines)
    assert "two: was renamed or replaced while this run was under way" in outcome.report.accounts[1].error
    assert outcome.report.exit_code == 3
    assert home.writes() == 0


async def test_w8_a_forced_export_lets_the_hub_win_and_imports_nothing(home):
    pairs = [(home["one"].add(movie(number)), home["two"].add(movie(number))) for number in range(4)]
    home["one"].watch(pairs[0][0])
    await home.sync("one")
    home["two"].watch(pairs[1][1])
    home["two"].play(pairs[0][1], 20 * MINUTE)
    await home.run("export", "two", is_full=True, ignores_date=True)
    assert home["two"].is_watched(pairs[0][1]), "the hub says watched"
    assert home["two"].is_watched(pairs[1][1]), "of this one the hub knows nothing, so nothing is written"
    await home.sync("one")
    assert not home["one"].is_watched(pairs[1][0]), "and nothing was imported"


async def test_w8_a_full_export_without_ignore_date_keeps_the_normal_rules(home):
    """W8: `--force-full` alone lets nothing win: what a person did on the server reaches the hub."""
    first, second = a_watched_pair(home)
    await home.sync()
    home["two"].unwatch(second)
    await home.run("export", "two", is_full=True)
    assert not home["two"].is_watched(second)
    await home.sync()
    assert not home["one"].is_watched(first)


async def test_r8_a_server_with_import_off_gets_marks_and_gives_none(home):
    pairs = [(home["one"].add(movie(number)), home["two"].add(movie(number))) for number in (1, 2)]
    home["one"].watch(pairs[0][0])
    home["two"].watch(pairs[1][1])
    home.configs["two"] = home["two"].config(**{"import": {"enabled": False}})
    await home.sync()
    await home.sync()  # which would write what the first has learned
    assert home["two"].is_watched(pairs[0][1])
    assert not home["one"].is_watched(pairs[1][0])
    home.configs["two"] = home["two"].config()
    await home.sync()
    assert home["one"].is_watched(pairs[1][0]), "import is on again: everything there is first contact"
    assert await home.is_silent()


async def test_r8_an_import_switched_on_still_knows_a_write_that_got_no_answer(tmp_path):
    """R8, R2: the date that the server made of our write is no person's, although nobody saw it before the switch."""
    home = Stage(tmp_path, a=PLEX, b=JELLYFIN_10)
    home.configs["a"] = home["a"].config(**{"import": {"enabled": False}})
    home.mark("b")
    home.wait(60)
    await home.scan("b")
    watched_at = (await home.hub("b")).watched_at
    home.fail("a", FaultKind.DROP_AFTER, MARK)
    await home.deliver("a")
    assert home["a"].is_watched(home.film["a"])
    home.wait()
    home.configs["a"] = home["a"].config()
    await home.scan("a")
    assert (await home.hub()).watched_at == watched_at


async def test_r8_a_server_with_export_off_is_never_written(home):
    pairs = [(home["one"].add(movie(number)), home["two"].add(movie(number))) for number in (1, 2)]
    home["one"].watch(pairs[0][0])
    home["two"].watch(pairs[1][1])
    home.configs["two"] = home["two"].config(export={"enabled": False})
    await home.sync()
    assert home["one"].is_watched(pairs[1][0])
    assert home["two"].simulator.writes() == []


async def test_r7_a_position_that_the_server_does_not_keep_is_written_once(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))

    class Forgetful(JellyfinBackend):
        sent = 0

        @hookimpl
        async def push_state(self, account, http, changes):
            Forgetful.sent += len(changes)
            now = home.clock()
            return [
                PushOutcome(entry_id=change.entry_id, outcome=Outcome.APPLIED, sent_at=now, answered_at=now)
                for change in changes
            ]

    home["one"].play(first, 30 * MINUTE)
    mounts = {place.url: place.simulator.app for place in home.places.values()}
    settings = load_settings(home.environ)
    plugins = PluginManager.of({"jellyfin": Forgetful()})
    async with open_services(
        settings, servers=home.configs, clock=home.clock, mounts=mounts, plugins=plugins
    ) as services:
        for _ in range(3):
            await run(services.engine, services.household(), Request(command="sync"), home.lines)
            home.clock.pass_time()
    assert Forgetful.sent == 1
    assert home["one"].shows_state(first).position_ms == 30 * MINUTE
    assert home["two"].shows_state(second).position_ms == 0


async def test_identities_are_kept_apart(home):
    first, second = home["one"].add(movie(1)), home["two"].add(movie(1))
    bea = {name: place.simulator.add_user("bea") for name, place in home.places.items()}
    for name, place in home.places.items():
        home.configs[name] = place.config(users={"bea": {"user": bea[name]}})
    home["one"].simulator.watch(bea["one"], first)
    await home.sync()
    assert home["two"].simulator.state(bea["two"], second).watched
    assert not home["two"].is_watched(second)
    assert await home.is_silent()


async def test_a_whole_show_marked_on_one_server_costs_the_other_one_write_per_episode(home):
    for number in range(1, 21):
        home["one"].add(episode(1, number))
        home["two"].add(episode(1, number))
    await home.sync()
    for entry in home["one"].simulator.entry_ids():
        home["one"].watch(entry)
    requests = len(home["two"].simulator.requests)
    await home.sync()
    assert len(home["two"].simulator.writes()) == 20
    listing = len(home["two"].simulator.requests) - requests - 20
    assert listing <= 12, "identify, views, sessions, series and one page; then one batch read before the writes"
