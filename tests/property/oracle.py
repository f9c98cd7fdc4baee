"""What the hub may hold in the end: judged from claims alone, by R2's and R3's order."""

from collections.abc import Sequence

from tests.property.exclusions import MARGIN, both_within_one_request
from tests.property.happenings import Claim, Move

ANYTHING = frozenset({None, True, False})


def allowed(claims: Sequence[Claim]) -> frozenset[bool | None]:
    """Return what *watched* may be in the hub, once everything that happened has been looked at.

    One value is a judgement. Two mean that a claim in doubt, or a bound that the rules leave open, decides.
    """
    certain = [claim for claim in claims if not claim.doubt]
    if not claims:
        return frozenset({None})
    if not certain:
        return ANYTHING
    watches = [claim for claim in claims if claim.watched]
    unwatches = [claim for claim in claims if not claim.watched]
    if any(all(stands(watch, unwatch) for unwatch in unwatches) for watch in watches if not watch.doubt):
        return frozenset({True})
    if any(wins(unwatch, watches) for unwatch in unwatches if not unwatch.doubt):
        return frozenset({False})
    return frozenset({True, False})


def stands(watch: Claim, unwatch: Claim) -> bool:
    """Say whether a watch surely prevails over an un-watch: it was later, or R3 can't know that it wasn't."""
    if unwatch.doubt:
        return watch.at > unwatch.ends
    if watch.is_first_contact and unwatch.turn < watch.turn:
        return watch.is_dated and watch.ends_best > unwatch.ends + MARGIN
    if watch.at > unwatch.at:
        return not both_within_one_request(watch, unwatch)
    return not can_be_later(unwatch, watch)


def can_be_later(unwatch: Claim, watch: Claim) -> bool:
    """Say whether anybody could know that the un-watch came after the watch."""
    if unwatch.begins_best > watch.ends_best + MARGIN:
        return True
    return watch.turn <= unwatch.turn and watch.ends_best <= unwatch.known_to_best


def wins(unwatch: Claim, watches: Sequence[Claim]) -> bool:
    """Say whether the rules guarantee that the un-watch is known to be later than every watch."""
    if any(watch.at >= unwatch.at for watch in watches if not (watch.is_first_contact and watch.turn > unwatch.turn)):
        return False
    met_later = [watch for watch in watches if watch.is_first_contact and watch.turn > unwatch.turn]
    if any(watch.doubt or (watch.is_dated and watch.ends > unwatch.ends_best + MARGIN) for watch in met_later):
        return False
    before = [watch for watch in watches if watch.turn <= unwatch.turn]
    after = [watch for watch in watches if watch.turn > unwatch.turn and not watch.is_first_contact]
    is_news = all(watch.ends <= _known_to(unwatch) for watch in before)
    return (is_news or all(is_apart(unwatch, watch) for watch in before)) and all(
        is_apart(unwatch, watch) for watch in after
    )


def _known_to(unwatch: Claim) -> int:
    """R3: return until when the look before the un-watch tells that the watch was over.

    An answer that took longer than a minute says so only for its first minute.
    """
    return min(unwatch.known_to, unwatch.known_from + MARGIN)


def is_apart(unwatch: Claim, watch: Claim) -> bool:
    """R3: say whether an un-watch begins more than a minute after a watch ends."""
    return unwatch.begins > watch.ends + MARGIN


def allowed_position(claims: Sequence[Claim], moves: Sequence[Move]) -> int | None:
    """Return the position that a hub which is not watched must hold; None if that can't be told.

    A change of *watched* takes the position away, in the same interval. Judged is only the plain case: the last thing
    that was seen is a person's move, and it is certainly later than everything else.
    """
    if not moves or any(claim.doubt for claim in claims):
        return None
    resets = [Move(0, claim.turn, claim.begins, claim.ends, is_certain=True) for claim in claims]
    everything = [*moves, *resets]
    last = max(everything, key=lambda move: move.turn)
    same = [move for move in everything if move.turn == last.turn]
    if not all(move.is_certain for move in same):
        return None
    others = [move for move in everything if move.turn < last.turn]
    if any(last.begins <= move.ends + MARGIN for move in others):
        return None
    moved = [move.position_ms for move in moves if move.turn == last.turn]
    return max(moved, default=None)
