"""Rules with one clause taken out: what the oracle must notice."""

from collections.abc import Callable

from msgspec.structs import replace
from tests.property.recorded import RecordedHousehold

from watchstate.sync.case import Case, Merged, Verdict
from watchstate.sync.merge import merge

FAR = 2**60


def _nothing_is_stale(case: Case) -> Case:
    now = case.seen.read_to
    if case.agreed is None or case.intent is not None:
        return case
    fresh = replace(case.seen, read_from=max(case.seen.read_from, case.agreed.read_from, now))
    write = case.agreed.write
    agreed = case.agreed if write is None else replace(case.agreed, write=replace(write, answered_at=0))
    return replace(case, seen=fresh, agreed=agreed, context=replace(case.context, newest_read_from=None))


def _nobody_watches_again(case: Case) -> Case:
    known = case.agreed
    if known is None or not known.watched or not case.seen.watched:
        return case
    return replace(case, seen=replace(case.seen, play_count=known.play_count, raw_watched_at=known.raw_watched_at))


def _equal_means_unchanged(case: Case) -> Case:
    if case.agreed is None:
        return case
    return replace(case, agreed=replace(case.agreed, read_to=FAR), context=replace(case.context, scan_began_at=None))


def _the_page_is_the_look(case: Case) -> Case:
    return replace(case, context=replace(case.context, newest_read_from=case.seen.read_from))


def _replaced_files_are_un_marked(case: Case) -> Case:
    return replace(case, seen=replace(case.seen, added_at=case.agreed.added_at if case.agreed else None))


def _absence_is_forgotten(case: Case) -> Case:
    return case if case.agreed is None else replace(case, agreed=replace(case.agreed, missed_scans=0))


def _starts_are_un_marks(case: Case) -> Case:
    abilities = replace_capabilities(case, start_clears_watched=False)
    return replace(case, context=replace(case.context, capabilities=abilities))


def _mere_starts_are_watches(case: Case) -> Case:
    abilities = replace_capabilities(case, start_counts=False)
    return replace(case, context=replace(case.context, capabilities=abilities))


def _starts_date_the_end(case: Case) -> Case:
    abilities = replace_capabilities(case, date_is_start=False)
    return replace(case, context=replace(case.context, capabilities=abilities))


def _echoes_are_watches(case: Case) -> Case:
    if case.agreed is None or case.agreed.write is None or not case.agreed.write.watched:
        return case
    write = replace(case.agreed.write, raw_date_sent=None, raw_date_before=None, count_before=-1, answered_at=0)
    return replace(case, agreed=replace(case.agreed, write=replace(write, sent_at=0)))


def _import_is_never_off(case: Case) -> Case:
    return replace(case, context=replace(case.context, imports=True))


def _the_brake_forgets_when(case: Case) -> Case:
    return replace(case, context=replace(case.context, held=None))


def _unanswered_writes_are_forgotten(case: Case) -> Case:
    return replace(case, intent=None) if case.intent is not None and case.intent.gave_up_at is not None else case


def replace_capabilities(case: Case, **changes: bool):
    """Return the server's capabilities, but for these."""
    return replace(case.context.capabilities, **changes)


def _merge_with(change: Callable[[Case], Case]) -> Callable[[Case], Merged]:
    return staticmethod(lambda case: merge(change(case)))


def _an_unwatched_meeting_counts(case: Case) -> Merged:
    merged = merge(case)
    if merged.verdict is not Verdict.FIRST_CONTACT or case.seen.watched or not case.context.imports:
        return merged
    hubs = {item: replace(case.hubs[item], watched=False) for item in case.items if item in case.hubs}
    return replace(merged, hubs=hubs)


def _everything_is_forgiven(case: Case) -> Merged:
    """Un-marks never reach the hub."""
    merged = merge(case)
    hubs = {item: hub for item, hub in merged.hubs.items() if hub.watched is not False}
    return replace(merged, hubs=hubs, notes=tuple(note for note in merged.notes if note.after.watched is not False))


BROKEN: dict[str, type[RecordedHousehold]] = {
    name: type(
        f"Broken{number}",
        (RecordedHousehold,),
        {"judge": rule if isinstance(rule, staticmethod) else staticmethod(rule)},
    )
    for number, (name, rule) in enumerate(
        {
            "R0 a fact is never too old": _merge_with(_nothing_is_stale),
            "R1 nobody watches again": _merge_with(_nobody_watches_again),
            "R2 an unwatched entry that is new counts": _an_unwatched_meeting_counts,
            "R3 equal means unchanged": _merge_with(_equal_means_unchanged),
            "R3 the last look is this one": _merge_with(_the_page_is_the_look),
            "R3 the date of a start is that of the end": _merge_with(_starts_date_the_end),
            "R3 un-marks count for nothing": _everything_is_forgiven,
            "R4 a replaced file was un-marked": _merge_with(_replaced_files_are_un_marked),
            "R4 what was missing was un-marked": _merge_with(_absence_is_forgotten),
            "R5 a hold forgets its moment": _merge_with(_the_brake_forgets_when),
            "R6 a start is an un-mark": _merge_with(_starts_are_un_marks),
            "R1 a mere start is a watch": _merge_with(_mere_starts_are_watches),
            "R8 import is never off": _merge_with(_import_is_never_off),
            "W3 an echo is a watch": _merge_with(_echoes_are_watches),
            "W3 a write without an answer is forgotten": _merge_with(_unanswered_writes_are_forgotten),
        }.items()
    )
}
