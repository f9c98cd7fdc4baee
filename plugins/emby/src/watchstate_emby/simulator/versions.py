"""What differs between the server versions that the simulator can be."""

from msgspec import Struct


class Rules(Struct, frozen=True, kw_only=True):
    """The rules of one server version."""

    version: str
    forgets_what_is_omitted: bool
    """A UserData POST resets all that it omits, also what could be null (4.10)."""
    user_data_status: int
    """What answers a UserData POST."""
    tells_one_address: bool
    """`/System/Info/Public` has `LocalAddress` and `WanAddress` besides the lists."""


RULES: dict[str, Rules] = {
    rules.version: rules
    for rules in (
        Rules(
            version="4.8.11.0",
            forgets_what_is_omitted=False,
            user_data_status=200,
            tells_one_address=True,
        ),
        Rules(
            version="4.9.5.0",
            forgets_what_is_omitted=False,
            user_data_status=204,
            tells_one_address=False,
        ),
        Rules(
            version="4.10.0.23",
            forgets_what_is_omitted=True,
            user_data_status=204,
            tells_one_address=False,
        ),
    )
}
"""The rules of each version, oldest first. What answers a write, and the addresses, were seen to vary between builds;
which builds those are is a guess."""
