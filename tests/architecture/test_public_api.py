"""What a backend may import is exactly what is named."""

import types

import msgspec

from watchstate import api, testing


def public_names(module: types.ModuleType) -> list[str]:
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    )


def test_all_of_the_api_is_sorted_and_exactly_the_public_names():
    assert api.__all__ == public_names(api)


def test_all_of_testing_is_sorted_and_exactly_the_public_names():
    assert testing.__all__ == public_names(testing)


def test_what_a_backend_does_not_say_promises_nothing():
    assert [name for name, value in msgspec.structs.asdict(api.Capabilities()).items() if value is True] == []
    assert api.Capabilities().watch_date is api.WatchDate.STAMPED
    fact = api.Fact(entry=api.Entry(entry_id="1", kind="movie"), state=api.PlayState(watched=True))
    assert not fact.is_detailed
