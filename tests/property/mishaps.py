"""What goes wrong with servers and files, and what whoever runs this decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.property.setups import Step
from tests.sync.media_server import Shown

from watchstate.clock import MINUTE

if TYPE_CHECKING:
    from tests.property.recorded import RecordedHousehold
    from tests.property.world import Life


def befall(life: Life, person: int, step: Step, name: str, entry_id: str) -> None:
    """Let a mishap happen, or a decision be made."""
    if step.what in ("remove", "replace"):
        if entry_id:
            (_remove if step.what == "remove" else _replace)(life, name, entry_id)
    elif step.what in ("return", "rebuild", "new machine", "clock", "down", "up"):
        _of_a_server(life, step, name)
    else:
        _decide(life, person, step, name)


def _of_a_server(life: Life, step: Step, name: str) -> None:
    match step.what:
        case "return":
            _return(life, step)
        case "rebuild":
            for one in list(life.homes[0].books[name].server.entries):
                _rename(life, name, one, keeps=step.detail % 2 == 0)
        case "new machine":
            _new_machine(life, step, name)
        case "clock":
            for one in life.homes:
                one.books[name].server.skew_ms = (0, 2, -2, 10, -10, 0)[step.detail % 6] * MINUTE
        case "down":
            life.down.add(name)
            for number in range(len(life.homes)):
                life.drop_work(number, name)
        case _:
            life.down.discard(name)


def _decide(life: Life, person: int, step: Step, name: str) -> None:
    home, turns_on = life.homes[person], step.detail % 3 > 0
    match step.what:
        case "switch import" if home.books[name].imports is not turns_on:
            life.drop_work(person, name)
            home.switch_import(name, on=turns_on)
        case "switch export":
            home.books[name].exports = turns_on
        case "accept" if name not in life.down:
            life.measure(home, name)
            home.accept_held(name)
        case "reject":
            home.reject_held(name)
        case _:
            pass


def _remove(life: Life, name: str, entry_id: str) -> None:
    if len(life.homes[0].books[name].server.entries) < 2:
        return
    states = []
    for home in life.homes:
        server = home.books[name].server
        home.observer.leaves(home.observer.stories[name, entry_id])
        states.append(server.entries.pop(entry_id))
    life.trash.append((name, entry_id, states))


def _return(life: Life, step: Step) -> None:
    """A file is back: under the old id or a new one, with its state or without."""
    if not life.trash:
        return
    name, entry_id, states = life.trash.pop(step.which % len(life.trash))
    has_new_id, loses = step.detail % 2 == 1, step.detail % 3 == 0
    stories = [home.observer.stories[name, entry_id] for home in life.homes]
    # Without a scan in between nothing tells it from an un-mark, unless the server gives it another added date.
    was_missed = all(story.missed > 0 or story.known is None for story in stories)
    for home, shown in zip(life.homes, states, strict=True):
        home.appears(name, entry_id, shown)
        if loses and not has_new_id:
            shown.added_at += not was_missed
            _lose(life, home, shown)
    if has_new_id:
        _rename(life, name, entry_id, keeps=not loses)


def return_all(life: Life) -> None:
    """Whatever left comes back as it was."""
    while life.setup.returns and life.trash:
        _return(life, Step("return", 0, 0, 2, 0))


def _replace(life: Life, name: str, entry_id: str) -> None:
    for home in life.homes:
        shown = home.books[name].server.entries[entry_id]
        shown.added_at += 1
        _lose(life, home, shown)


def _lose(life: Life, home: RecordedHousehold, shown: Shown) -> None:
    if id(shown) in life.shared:
        return  # the state is kept under the title's id, not the file's
    shown.watched, shown.position_ms, shown.count, shown.date, shown.is_playing = False, 0, 0, 0, False
    for story in home.stories_of(shown):
        home.observer.loses(story, home.now)


def _rename(life: Life, name: str, entry_id: str, *, keeps: bool) -> None:
    """The server re-creates an entry under a new id."""
    life.serial += 1
    for home in life.homes:
        server = home.books[name].server
        old, shown = home.observer.stories[name, entry_id], server.entries.pop(entry_id)
        home.observer.leaves(old)
        if not keeps and id(shown) not in life.shared:
            shown = Shown(shown.items, added_at=shown.added_at + 1)
        elif id(shown) not in life.shared:
            shown = _copy(shown)
        story = home.appears(name, f"{entry_id.partition('#')[0]}#{life.serial}", shown)
        if keeps or id(shown) in life.shared:
            story.watch = story.seen_watch = old.watch


def _new_machine(life: Life, step: Step, name: str) -> None:
    """R4: the server was re-installed, with or without its states, and the new machine is accepted."""
    for number, home in enumerate(life.homes):
        life.drop_work(number, name)
        for shown in {id(one): one for one in home.books[name].server.entries.values()}.values():
            if step.detail % 2:
                shown.added_at += 1
                _lose(life, home, shown)
        home.forget(name)


def _copy(shown: Shown) -> Shown:
    """Return the same state as another record of the server."""
    return Shown(
        shown.items,
        added_at=shown.added_at,
        watched=shown.watched,
        position_ms=shown.position_ms,
        count=shown.count,
        date=shown.date,
        changed_at=shown.changed_at,
    )
