"""Hypothesis strategies for what the repositories keep: every field set, or unknown."""

from hypothesis import strategies as st

from watchstate.states import Agreed, HubState, Intent, Interval, OwnWrite

INSTANTS = st.integers(0, 2**63 - 1)
MAYBE = st.none() | INSTANTS
FLAGS = st.none() | st.booleans()
INTERVALS = st.builds(Interval, INSTANTS, INSTANTS)

HUBS = st.builds(
    HubState,
    watched=FLAGS,
    changed=st.none() | INTERVALS,
    watched_at=MAYBE,
    position_ms=INSTANTS,
    position_changed=st.none() | INTERVALS,
    position_runtime_ms=MAYBE,
    origin=st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50),
)
WRITES = st.builds(
    OwnWrite,
    sent_at=INSTANTS,
    answered_at=INSTANTS,
    watched=FLAGS,
    position_ms=MAYBE,
    raw_date_sent=MAYBE,
    count_before=MAYBE,
    raw_date_before=MAYBE,
    is_filled_in=st.booleans(),
)
AGREED = st.builds(
    Agreed,
    watched=FLAGS,
    position_ms=MAYBE,
    play_count=MAYBE,
    raw_watched_at=MAYBE,
    read_from=INSTANTS,
    read_to=INSTANTS,
    is_rewatching=st.booleans(),
    added_at=MAYBE,
    items=st.lists(st.integers(1, 2**31), unique=True, max_size=5).map(lambda ids: tuple(sorted(ids))),
    missed_scans=st.integers(0, 5),
    write=st.none() | WRITES,
    unkept_position_ms=MAYBE,
)
INTENTS = st.builds(
    Intent,
    watched=FLAGS,
    position_ms=MAYBE,
    raw_date_sent=MAYBE,
    sent_at=INSTANTS,
    gave_up_at=MAYBE,
    before_watched=st.booleans(),
    before_position_ms=MAYBE,
    before_count=MAYBE,
    before_raw_date=MAYBE,
)
