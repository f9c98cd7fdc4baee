"""The part of the contract suite about servers, people and webhooks."""

from watchstate.api import Capabilities, Event, Secret, User, WebhookRejected
from watchstate.clock import HOUR, MINUTE
from watchstate.plugins.manager import PluginManager
from watchstate.plugins.records import PluginStatus
from watchstate.testing.contract_base import ContractBase
from watchstate.testing.must import must
from watchstate.testing.world import World

_GARBAGE = (
    b"",
    b" ",
    b"{",
    b"{}",
    b"[]",
    b"null",
    b"0",
    b'"text"',
    b"\x00\xff\xfe",
    b'{"a": "\xff"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"<html>",
    b"a=b&c=d",
    b'{"Event": 7, "event": [], "NotificationType": {}, "Metadata": null, "Item": "x"}',
    b'{"NotificationType": "UserDataSaved", "event": "media.scrobble", "Event": "playback.stop"}',
    b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{\r\n--x--',
)
_CONTENT_TYPES = ("application/json", "text/plain", "multipart/form-data; boundary=x", "")


class ServerContract(ContractBase):
    """Who answers, who lives there, and what comes in from it."""

    async def test_core_accepts_the_plugin(self) -> None:
        """Presence, kinds and arguments of the hooks."""
        (record,) = PluginManager.of({self.simulator.backend: self.plugin()}).records()
        must(record.status is PluginStatus.READY, f"core accepts the plugin: {record.reason}")

    async def test_capabilities_are_the_same_for_the_same_server(self) -> None:
        """A pure function; the engine asks again whenever it likes."""
        async with self.world() as world:
            capabilities = await world.capabilities()
            must(isinstance(capabilities, Capabilities), "capabilities are Capabilities")
            must(capabilities == await world.capabilities(), "capabilities don't change from call to call")
            must(capabilities.page_size > 0, "a page has a size")

    async def test_a_play_does_what_the_capabilities_say(self) -> None:
        """Whether a start takes the flag away or counts (R1, R6), and what the date of a play tells (R3)."""
        async with self.world() as world:
            can, who, film = await world.capabilities(), world.alice.user_id, world.add_movie()
            world.simulator.watch(who, film)
            before = (await world.read(film))[film].state
            world.clock.advance(HOUR)
            began = world.clock()
            world.simulator.start(who, film)
            started = (await world.read(film))[film].state
            clears = not started.watched
            counts = started.watched and (started.play_count or 0) > (before.play_count or 0)
            must(clears is can.start_clears_watched, f"a start takes the watched flag away: {clears}")
            must(counts is can.start_counts, f"a mere start of a watched entry counts: {counts}")
            world.clock.advance(HOUR)
            world.simulator.stop(who, film, position_ms=None)
            date = (await world.read(film))[film].state.watched_at
            is_start = date is not None and abs(date - began) < MINUTE
            must(is_start is can.date_is_start, f"the date of a watch is when the play began: {is_start}")

    async def test_everybody_on_the_server_is_listed(self) -> None:
        """With the ids under which their states are read."""
        async with self.world() as world:
            users = await world.plugins.list_users(world.server, world.http)
            named = {user.name: user.user_id for user in users}
            people = {"alice": world.alice.user_id, "bob": world.bob.user_id}
            must(named.items() >= people.items(), f"everybody is listed with their ids: {people}, not {named}")
            must(len(named) == len(users), "nobody is listed twice")

    async def test_what_was_listed_before_brings_nobody_back(self) -> None:
        """What core keeps of the last answer saves questions, and changes nothing else."""
        async with self.world() as world:
            users = await world.plugins.list_users(world.server, world.http)
            stranger = User(user_id="4711", name="stranger", token=Secret("strange"))
            again = await world.plugins.list_users(world.server, world.http, [*users, stranger])
            must(set(users) == set(again), "the same people are listed to who knows them, and nobody who is gone")

    async def test_everybody_can_be_acted_for_as_core_does_it(self) -> None:
        """With the server's token where that acts for everyone, else with the one that `list_users` hands out."""
        async with self.world() as world:
            watched = {
                person.user_id: world.add_movie(number)
                for number, person in enumerate((world.alice, world.bob), start=1)
            }
            for user_id, entry_id in watched.items():
                world.simulator.watch(user_id, entry_id)
            acts_for_everyone = (await world.capabilities()).acts_for_everyone
            for user in await world.plugins.list_users(world.server, world.http):
                token = world.server.token if acts_for_everyone or not (user.token or user.note) else user.token
                if user.user_id not in watched or token is None:
                    continue  # is told why there is none
                scan = await world.everything(world.account(user.user_id, token=token.reveal()))
                shown = [entry_id for entry_id, fact in scan.facts.items() if fact.state.watched]
                must(shown == [watched[user.user_id]], f"with core's token for {user.name}, {user.name} acts")

    async def test_a_server_has_an_identity_of_its_own(self) -> None:
        """The same at each contact, and another one after a re-installation (R4)."""
        async with self.world() as world:
            info = await world.plugins.identify_server(world.server, world.http)
            if info is None:
                return  # the hook is optional
            must(info.machine_id == world.simulator.machine_id, "the machine id is the server's own")
            must(info.version, "a server has a version")
            again = await world.plugins.identify_server(world.server, world.http)
            must(again is not None and again.machine_id == info.machine_id, "the machine id stays")
            world.simulator.change_machine()
            other = await world.plugins.identify_server(world.server, world.http)
            must(other is not None and other.machine_id != info.machine_id, "another installation has another id")

    async def test_a_webhook_body_that_means_nothing_is_rejected_or_empty(self) -> None:
        """Anybody may send anything to the webhook address."""
        async with self.world() as world:
            for body in _GARBAGE:
                for content_type in _CONTENT_TYPES:
                    must(not _hear(world, body, content_type), f"{body[:40]!r} means nothing")


def _hear(world: World, body: bytes, content_type: str) -> tuple[Event, ...]:
    try:
        return world.hear(body, {"content-type": content_type})
    except WebhookRejected:
        return ()
