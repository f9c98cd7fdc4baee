"""Each way of not being a backend is told in words that say what to change."""

import dataclasses
import functools
import inspect
from typing import Any

import pytest
from tests.plugins.conftest import Good, good_but

from watchstate.api import CommonOptions, hookimpl, hookspecs
from watchstate.plugins.contract import ARGUMENTS, KINDS, REQUIRED, implemented_hooks, problems_of


async def generate(self, account, http, scope):
    return
    yield


async def wait(self, server, http):
    return ()


def test_every_hook_of_the_specification_has_a_kind() -> None:
    specified = [name for name, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.PROJECT}_spec")]
    assert list(KINDS) == specified


@pytest.mark.parametrize("hook", KINDS)
def test_the_kinds_are_those_of_the_specification(hook: str) -> None:
    returns = str(inspect.signature(getattr(hookspecs, hook)).return_annotation)
    kind = "async generator" if "AsyncIterator" in returns else "coroutine" if "Awaitable" in returns else "plain"
    assert kind in KINDS[hook]


@pytest.mark.parametrize("hook", KINDS)
def test_what_is_required_says_so_in_its_docstring(hook: str) -> None:
    assert ("Required" in getattr(hookspecs, hook).__doc__) is (hook in REQUIRED)


def test_a_good_backend_has_no_problem() -> None:
    assert problems_of(Good()) == []


def test_the_hooks_are_listed_in_the_order_of_the_contract() -> None:
    assert implemented_hooks(good_but(identify_server=hookimpl(wait))) == (*REQUIRED, "identify_server")


@pytest.mark.parametrize("hook", REQUIRED)
def test_a_missing_hook(hook: str) -> None:
    assert problems_of(good_but(**{hook: None})) == [f"{hook} is missing"]


@pytest.mark.parametrize("hook", KINDS)
def test_a_hook_that_is_not_marked(hook: str) -> None:
    plugin = good_but(**{hook: lambda self: None})
    assert problems_of(plugin) == [f"{hook} is not marked with hookimpl"]


def test_a_misspelt_hook_names_the_nearest() -> None:
    assert "fetch_libary is no hook, is fetch_library meant?" in problems_of(
        good_but(fetch_library=None, fetch_libary=hookimpl(generate))
    )


def test_an_unknown_hook_is_told_without_a_guess() -> None:
    assert problems_of(good_but(brew_coffee=hookimpl(wait))) == ["brew_coffee is no hook"]


def test_a_hook_of_a_newer_core_can_be_marked_as_optional() -> None:
    assert problems_of(good_but(brew_coffee=hookimpl(optionalhook=True)(wait))) == []


@pytest.mark.parametrize(
    ("hook", "function", "is_", "has_to_be"),
    [
        ("fetch_library", lambda self, scope: (), "a plain function", "an async generator"),
        ("fetch_library", wait, "a coroutine function", "an async generator"),
        ("push_state", lambda self, changes: (), "a plain function", "a coroutine function"),
        ("list_users", generate, "an async generator", "a coroutine function"),
        ("parse_webhook", wait, "a coroutine function", "a plain function"),
        ("capabilities", wait, "a coroutine function", "a plain function"),
        ("identify_server", lambda self, server: None, "a plain function", "a coroutine function"),
    ],
)
def test_a_hook_of_the_wrong_kind(hook: str, function: Any, is_: str, has_to_be: str) -> None:
    problem = problems_of(good_but(**{hook: hookimpl(function)}))[0]
    assert problem.startswith(f"{hook} is {is_}")
    assert f"and has to be {has_to_be}" in problem


def test_a_generator_is_no_plain_function() -> None:
    def parse_webhook(self, request):
        yield

    assert problems_of(good_but(parse_webhook=hookimpl(parse_webhook))) == [
        "parse_webhook is a generator (def with yield), and has to be a plain function"
    ]


def test_a_wrapper_is_no_backend() -> None:
    def parse_webhook(self, request):
        return (yield)

    (problem,) = problems_of(good_but(parse_webhook=hookimpl(wrapper=True)(parse_webhook)))
    assert problem.startswith("parse_webhook is a wrapper")


def test_an_unknown_argument_names_the_known_ones() -> None:
    def parse_webhook(self, req):
        return ()

    assert problems_of(good_but(parse_webhook=hookimpl(parse_webhook))) == [
        "parse_webhook has an unknown argument req; there are request"
    ]


def test_an_argument_with_a_default() -> None:
    async def list_users(self, server, http=None):
        return ()

    assert problems_of(good_but(list_users=hookimpl(list_users))) == [
        "list_users gives its argument http a default, and would always get that"
    ]


def test_arguments_that_are_never_passed() -> None:
    async def list_users(self, *args, server, **kwargs):
        return ()

    problems = problems_of(good_but(list_users=hookimpl(list_users)))
    assert [problem.split(" in a way")[0] for problem in problems] == [
        "list_users takes args",
        "list_users takes server",
        "list_users takes kwargs",
    ]


def test_a_hook_may_leave_arguments_out() -> None:
    async def list_users(self):
        return ()

    assert problems_of(good_but(list_users=hookimpl(list_users))) == []


def test_a_hook_may_have_another_name() -> None:
    assert problems_of(good_but(list_users=None, people=hookimpl(specname="list_users")(wait))) == []


def test_a_hook_that_is_implemented_twice() -> None:
    assert problems_of(good_but(people=hookimpl(specname="list_users")(wait))) == ["list_users is implemented twice"]


def test_a_static_method_is_a_hook() -> None:
    async def list_users(server):
        return ()

    assert problems_of(good_but(list_users=staticmethod(hookimpl(list_users)))) == []


def test_a_callable_object_is_no_hook_since_it_would_be_passed_over() -> None:
    class Decorated:
        def __init__(self, function: Any) -> None:
            functools.update_wrapper(self, function)

        def __call__(self) -> None: ...

    assert problems_of(good_but(list_users=Decorated(Good.list_users))) == ["list_users is not marked with hookimpl"]


@pytest.mark.parametrize("options", [dict, CommonOptions(), "CommonOptions"])
def test_options_that_do_not_extend_the_common_ones(options: Any) -> None:
    assert problems_of(good_but(Options=options)) == ["Options is no subclass of CommonOptions"]


def test_options_of_its_own() -> None:
    class Options(CommonOptions, frozen=True):
        colour: str = "blue"

    assert problems_of(good_but(Options=Options)) == []


def test_an_object_that_cannot_be_hashed() -> None:
    plugin = dataclasses.dataclass(type("Plugin", (Good,), {}))()
    assert problems_of(plugin) == ["it can't be hashed (a dataclass? then with eq=False)"]


def test_all_problems_are_told_at_once() -> None:
    assert len(problems_of(object())) == len(REQUIRED)


def test_the_arguments_are_those_of_the_specification() -> None:
    assert ARGUMENTS["push_state"] == ("account", "http", "changes")
