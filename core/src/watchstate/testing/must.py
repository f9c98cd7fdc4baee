"""How the contract suite says what a backend owes; plain `assert` would vanish under ``python -O``."""


def must(holds: object, promise: str) -> None:
    """Fail with the promise that is broken.

    Raises:
        AssertionError: it does not hold.
    """
    if not holds:
        raise AssertionError(promise)
