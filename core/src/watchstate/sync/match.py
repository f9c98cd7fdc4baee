"""M2, M3, M7: which item an entry's slot is. Pure: candidates in, a decision out; never a guess."""

from collections.abc import Sequence

from msgspec import Struct

from watchstate.sync.keys import Slot, is_known, provider_of


class Candidate(Struct, frozen=True, kw_only=True):
    """An item that shares a key with a slot, with the keys of all its entries."""

    item: int
    season: int | None = None
    episode: int | None = None
    keys: frozenset[str] = frozenset()


class Found(Struct, frozen=True):
    """The slot is this item. `merges` are others that it proves to be the same (M7)."""

    item: int
    merges: tuple[int, ...] = ()


class New(Struct, frozen=True):
    """Nobody knows it yet."""


class Ambiguous(Struct, frozen=True):
    """Several items could be it, and nothing decides."""

    items: tuple[int, ...]


class Unidentified(Struct, frozen=True):
    """It carries no key at all."""


Match = Found | New | Ambiguous | Unidentified


def match(slot: Slot, candidates: Sequence[Candidate]) -> Match:
    """Decide which item a slot is."""
    if not slot.keys:
        return Unidentified()
    votes = {
        candidate.item: vote
        for candidate in candidates
        if not _contradicts(slot, candidate) and any(vote := _votes(slot, candidate))
    }
    if not votes:
        return New()
    level = min(_level(vote) for vote in votes.values())
    finalists = {item: vote for item, vote in votes.items() if _level(vote) == level}
    by_item = {candidate.item: candidate for candidate in candidates}
    if len(finalists) == 1:
        return Found(next(iter(finalists)))
    if _are_compatible([by_item[item] for item in finalists]):
        # An item that this batch is only about to create (its number is negative) joins one that exists.
        kept, *merged = sorted(finalists, key=lambda item: (item < 0, item))
        return Found(kept, tuple(merged))
    best = max(finalists.values())
    winners = [item for item, vote in finalists.items() if vote == best]
    return Found(winners[0]) if len(winners) == 1 else Ambiguous(tuple(sorted(finalists)))


def _contradicts(slot: Slot, candidate: Candidate) -> bool:
    """M3: another season or number means another episode, whatever ids say.

    An id of a provider that we don't know may be that of a whole collection: it can't stand against one that we do.
    """
    if _differ(slot.season, candidate.season) or _differ(slot.episode, candidate.episode):
        return True
    shared = slot.keys & candidate.keys
    return all(not is_known(key) for key in shared) and _states_otherwise(slot.own_keys, candidate.keys)


def _states_otherwise(own: frozenset[str], others: frozenset[str]) -> bool:
    stated = {about: value for key in others if is_known(key) for about, value in [provider_of(key)]}
    return any(stated.get(about, value) != value for key in own if is_known(key) for about, value in [provider_of(key)])


def _differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def _votes(slot: Slot, candidate: Candidate) -> tuple[int, int, int]:
    """Count shared keys: of the show with the same numbers, of the title itself, of the path."""
    return (
        len(slot.show_keys & candidate.keys),
        len(slot.own_keys & candidate.keys),
        len(slot.path_keys & candidate.keys),
    )


def _level(vote: tuple[int, int, int]) -> int:
    """M3: a shared show key (0) beats a shared episode id (1), which beats a shared path (2)."""
    return next(index for index, count in enumerate(vote) if count)


def _are_compatible(candidates: Sequence[Candidate]) -> bool:
    """M7: say whether no two candidates state different values for one provider, so that they can be one title."""
    stated: dict[str, set[str]] = {}
    for candidate in candidates:
        own: dict[str, set[str]] = {}
        for key in candidate.keys:
            about, value = provider_of(key)
            own.setdefault(about, set()).add(value)
        for about, values in own.items():
            if about in stated and not values & stated[about]:
                return False
            stated.setdefault(about, set()).update(values)
    return True
