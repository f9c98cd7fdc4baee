"""Make a failing life small, and tell it in words."""

import re
from collections.abc import Callable, Sequence

from msgspec.structs import replace
from tests.property.promises import Findings, conclude
from tests.property.recorded import RecordedHousehold
from tests.property.setups import TOPOLOGIES, Setup, Step
from tests.property.world import Life

from watchstate.clock import MINUTE
from watchstate.sync.case import Note

Judge = Callable[[Setup, Sequence[Step]], Findings]
_SIMPLER = {"persons": 1, "errors": 0, "watched": 0, "shares": False, "last_is": 0, "has_tight_brake": False}


def live(setup: Setup, steps: Sequence[Step], household: type[RecordedHousehold] = RecordedHousehold) -> Findings:
    """Live a life to its end."""
    life = Life(setup, household)
    for step in steps:
        life.do(step)
    return conclude(life)


def shrink(setup: Setup, steps: Sequence[Step], judge: Judge = live) -> tuple[Setup, list[Step]]:
    """Leave out whatever isn't needed for the same promise to be broken (delta debugging)."""
    wanted = _kind(judge(setup, steps))
    kept = list(steps)

    def still_fails(setup: Setup, steps: Sequence[Step]) -> bool:
        return _kind(judge(setup, steps)) == wanted

    size = max(1, len(kept) // 2)
    while True:
        first, was = 0, len(kept)
        while first < len(kept):
            without = kept[:first] + kept[first + size :]
            if still_fails(setup, without):
                kept = without
            else:
                first += size
        if size == 1 and len(kept) == was:
            break
        size = max(1, size // 2)
    for name, value in _SIMPLER.items():
        simpler = replace(setup, **{name: value})
        if still_fails(simpler, kept):
            setup = simpler
    for number, step in enumerate(kept):
        for easier in (replace(step, person=0), replace(step, minutes=3)):
            tried = [*kept[:number], easier, *kept[number + 1 :]]
            if still_fails(setup, tried):
                kept = tried
                break
    return setup, kept


def _kind(findings: Findings) -> str:
    return re.sub(r"[\d#]+", "", findings.broken[0])[:40] if findings.broken else ""


def tell(setup: Setup, steps: Sequence[Step], household: type[RecordedHousehold] = RecordedHousehold) -> str:
    """Tell a life in words: who is there, what happens, what the hub made of it, and what is wrong in the end."""
    life = Life(setup, household)
    began = life.now
    lines = ["Servers:"]
    for name, kind, entries in zip("ABCD", setup.kinds, TOPOLOGIES[setup.topology], strict=False):
        held = ", ".join(f"{entry} = title {'+'.join(map(str, items))}" for entry, items in entries.items())
        lines.append(f"  {name} is {kind}: {held}")
    lines.append(f"{setup}")
    told = [0] * len(life.homes)
    for step in steps:
        person, name, entry_id = life.resolve(step)
        at = (life.now - began) / MINUTE
        lines.append(f"{at:8.1f} min  person {person + 1}  {step.what:22} {name} {entry_id} ({step.detail})")
        life.do(step)
        lines += _journal(life, told, began)
    lines.append("Then it is quiet.")
    findings = conclude(life)
    lines += _journal(life, told, began)
    lines += [f"Broken: {one}" for one in findings.broken]
    return "\n".join(lines)


def _journal(life: Life, told: list[int], began: int) -> list[str]:
    lines = []
    for number, home in enumerate(life.homes):
        lines += [_line(note, began) for note in home.journal[told[number] :]]
        told[number] = len(home.journal)
    return lines


def _line(note: Note, began: int) -> str:
    changed = note.after.changed
    when = (
        ""
        if changed is None
        else f" {(changed.begins - began) / MINUTE:.1f} … {(changed.ends - began) / MINUTE:.1f} min"
    )
    return (
        f"      hub, title {note.item}: {note.event} ({note.rule}): {note.before.watched} → {note.after.watched}{when}"
    )
