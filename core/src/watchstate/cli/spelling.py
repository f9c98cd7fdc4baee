"""The seed's spellings, turned into ours before anything is parsed."""

import re
from collections.abc import Sequence
from typing import Final

_COLON: Final = re.compile(r"[a-z]+:[a-z][a-z-]*")
_ALONE: Final = re.compile(r"-v+|--verbose|--config=.*")
_LISTS_USERS: Final = frozenset({"--list-users", "--list-users-with-tokens"})
_WITH_VALUE: Final = frozenset({"-c", "--config"})


def spell(arguments: Sequence[str]) -> list[str]:
    """Return the arguments as our commands want them.

    ``state:import`` becomes ``state import``, ``help servers:view`` becomes ``servers view --help``, and
    ``servers:remote --list-users`` becomes ``servers users``. ``-v`` or ``-c FILE`` before the command goes behind it.
    Combined short flags and ``--`` need no help.
    """
    words = list(arguments)
    early = _take_common(words)
    wants_help = words[:1] == ["help"]
    if wants_help:
        del words[0]
    if words and _COLON.fullmatch(words[0]):
        words[:1] = words[0].split(":")
    if words[:2] == ["servers", "remote"] and _LISTS_USERS.intersection(words):
        words = ["servers", "users", *(word for word in words[2:] if word not in _LISTS_USERS)]
    if wants_help:
        return [*words, "--help"]
    end = words.index("--") if "--" in words else len(words)
    return words[:end] + early + words[end:]


def _take_common(words: list[str]) -> list[str]:
    count = 0
    while count < len(words):
        if words[count] in _WITH_VALUE:
            count += 2
        elif _ALONE.fullmatch(words[count]):
            count += 1
        else:
            break
    taken = words[:count]
    del words[:count]
    return taken
