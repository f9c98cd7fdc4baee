"""The part of the contract suite about answers that are nearly right: one value in them makes no sense."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import msgspec

from watchstate.api import BackendError, Change
from watchstate.testing.contract_base import ContractBase
from watchstate.testing.must import must
from watchstate.testing.odd import MISSING, ODD_VALUES, Path, paths_in, with_value
from watchstate.testing.world import World

LONGEST_MESSAGE: Final = 600
"""Characters of an error; what a server calls itself or its items must not make it longer."""

_NO_VALUE_OF_ANY_FIELD: Final = [[None]]

Asking = Callable[[], Awaitable[object]]


class OddAnswerContract(ContractBase):
    """A value that makes no sense is left out, or an error of one line that names the server. It never is a crash."""

    async def test_no_odd_value_in_an_answer_crashes_the_plugin(self) -> None:
        """Each value that is read, in each answer, is each of the odd ones in turn."""
        async with self.world() as world:
            for name, asking in _askings(world).items():
                for number, document in await _answers(world, asking):
                    for path in paths_in(document):
                        await _try_odd_values(world, name, asking, number, document, path)


async def _try_odd_values(world: World, name: str, asking: Asking, number: int, document: object, path: Path) -> None:
    # Most of what a server sends is read by nobody: then nothing is an error, whatever kind of value is there.
    if not await _complaint(world, asking, number, with_value(document, path, _NO_VALUE_OF_ANY_FIELD)):
        return
    for value in ODD_VALUES:
        told = await _complaint(world, asking, number, with_value(document, path, value))
        where = f"{name}, answer {number}, {'.'.join(map(str, path))} is {_shown(value)}"
        if told is not None:
            must(len(told.splitlines()) == 1, f"{where}: an error is one line")
            must(len(told) <= LONGEST_MESSAGE, f"{where}: an error has up to {LONGEST_MESSAGE} characters")
            must(told.startswith(f"{world.server.name}: "), f"{where}: an error begins with the server's name")


def _askings(world: World) -> dict[str, Asking]:
    """Return every way in which a server is asked, over entries of every kind."""
    watched, halfway, changed = (world.add_movie(number) for number in (1, 2, 3))
    episode = world.add_episode(1, 1, (1,))
    who = world.alice.user_id
    world.simulator.watch(who, watched)
    world.simulator.start(who, halfway)
    world.simulator.stop(who, halfway, position_ms=2_000_000)
    world.simulator.start(who, episode)

    async def push() -> object:
        return await world.push(
            Change(entry_id=changed, watched=not world.state(changed).watched, watched_at=1_700_000_000_000)
        )

    return {
        "a scan": world.everything,
        "reading entries": lambda: world.read(watched, halfway, episode),
        "listing users": lambda: world.plugins.list_users(world.server, world.http),
        "identifying": lambda: world.plugins.identify_server(world.server, world.http),
        "writing": push,
    }


async def _answers(world: World, asking: Asking) -> list[tuple[int, object]]:
    """Return the number and the content of each answer that is JSON."""
    documents: list[tuple[int, object]] = []
    number, count = 1, 1
    while number <= count:
        seen: list[bytes] = []
        world.front.alter_answer(number, lambda body, seen=seen: seen.append(body) or body)  # type: ignore[misc]
        await asking()
        count = len(world.front.arrivals)
        documents += ((number, document) for document in _documents(seen))
        number += 1
    return documents


def _documents(bodies: list[bytes]) -> Iterator[object]:
    for body in bodies:
        try:
            yield msgspec.json.decode(body)
        except msgspec.DecodeError:
            continue


async def _complaint(world: World, asking: Asking, number: int, document: object) -> str | None:
    """Return what is said about an answer that is this document; None if it is good enough."""
    world.front.alter_answer(number, lambda _: msgspec.json.encode(document))
    try:
        await asking()
    except BackendError as error:
        return str(error)
    return None


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever JSON can say
    return "missing" if value is MISSING else ascii(value)[:40]
