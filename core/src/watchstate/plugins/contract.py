"""Is an object a backend? Checked once, before any hook is called.

pluggy by itself checks argument names only. A hook of the wrong kind, a misspelt one, or an argument with a default
(which pluggy never passes) would show much later, in the middle of a run.
"""

import inspect
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, Final

from watchstate.api import CommonOptions, hookspecs

_IMPL_MARK: Final = f"{hookspecs.PROJECT}_impl"

_ASYNC_GENERATOR: Final = "an async generator (async def with yield)"
_COROUTINE: Final = "a coroutine function (async def)"
_PLAIN: Final = "a plain function"

KINDS: Final = {
    "fetch_library": _ASYNC_GENERATOR,
    "push_state": _COROUTINE,
    "parse_webhook": _PLAIN,
    "list_users": _COROUTINE,
    "identify_server": _COROUTINE,
    "capabilities": _PLAIN,
}
"""Every hook of the contract, in its order, and what it has to be."""

REQUIRED: Final = ("fetch_library", "push_state", "parse_webhook", "list_users")

ARGUMENTS: Final = {name: tuple(inspect.signature(getattr(hookspecs, name)).parameters) for name in KINDS}
"""The arguments that each hook may ask for."""


def problems_of(plugin: object) -> list[str]:
    """Return what keeps an object from being a backend, each in one phrase; empty if nothing does."""
    marked = list(_marked(plugin))
    names = [hook for _, hook, _ in marked]
    problems = [f"{name} is missing" for name in REQUIRED if name not in names and not _has(plugin, name)]
    problems += [f"{name} is not marked with hookimpl" for name in KINDS if name not in names and _has(plugin, name)]
    problems += [f"{name} is implemented twice" for name in KINDS if names.count(name) > 1]
    for attribute, hook, function in marked:
        problems += _problems_of_hook(attribute, hook, function)
    if type(plugin).__hash__ is None:
        problems.append("it can't be hashed (a dataclass? then with eq=False)")
    options = getattr(plugin, "Options", CommonOptions)
    if not (inspect.isclass(options) and issubclass(options, CommonOptions)):
        problems.append("Options is no subclass of CommonOptions")
    return problems


def implemented_hooks(plugin: object) -> tuple[str, ...]:
    """Return the hooks that a backend implements, in the order of the contract."""
    names = {hook for _, hook, _ in _marked(plugin)}
    return tuple(name for name in KINDS if name in names)


def _marked(plugin: object) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Yield attribute, hook and function of all that is marked with `hookimpl`, without running code of the plugin."""
    for attribute in dir(plugin):
        static = inspect.getattr_static(plugin, attribute, None)
        function = getattr(static, "__func__", static)
        mark = getattr(function, _IMPL_MARK, None)
        if inspect.isfunction(function) and isinstance(mark, dict):  # pluggy passes over other callables
            yield attribute, mark["specname"] or attribute, getattr(plugin, attribute)


def _has(plugin: object, name: str) -> bool:
    return inspect.getattr_static(plugin, name, None) is not None


def _problems_of_hook(attribute: str, hook: str, function: Callable[..., Any]) -> Iterator[str]:
    mark = getattr(function, _IMPL_MARK)
    if hook not in KINDS:
        if not mark["optionalhook"]:  # how a plugin implements a hook that only a newer core has
            nearest = get_close_matches(hook, KINDS, n=1)
            yield f"{attribute} is no hook" + (f", is {nearest[0]} meant?" if nearest else "")
        return
    if mark["wrapper"] or mark["hookwrapper"]:
        yield f"{hook} is a wrapper: a backend implements hooks and wraps none"
        return
    kind = _kind(function)
    if kind != KINDS[hook]:
        yield f"{hook} is {kind}, and has to be {KINDS[hook]}"
    yield from _problems_of_arguments(hook, function)


def _kind(function: Callable[..., Any]) -> str:
    if inspect.isasyncgenfunction(function):
        return _ASYNC_GENERATOR
    if inspect.iscoroutinefunction(function):
        return _COROUTINE
    return "a generator (def with yield)" if inspect.isgeneratorfunction(function) else _PLAIN


def _problems_of_arguments(hook: str, function: Callable[..., Any]) -> Iterator[str]:
    for parameter in inspect.signature(function).parameters.values():
        name = parameter.name
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY}:
            yield f"{hook} takes {name} in a way that is never passed: name the arguments, without * and **"
        elif name not in ARGUMENTS[hook]:
            yield f"{hook} has an unknown argument {name}; there are {', '.join(ARGUMENTS[hook])}"
        elif parameter.default is not parameter.empty:
            yield f"{hook} gives its argument {name} a default, and would always get that"
