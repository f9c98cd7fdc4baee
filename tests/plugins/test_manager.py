"""The façade: the right plugin is asked, its answers are checked, and only our own errors come out."""

import asyncio
import traceback
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from msgspec.structs import replace
from tests.plugins.conftest import TOKEN, Good, account_of, batch, fact, good_but, server_of

from watchstate.api import (
    BackendUnavailable,
    Capabilities,
    Change,
    CommonOptions,
    Event,
    EventKind,
    Everything,
    Outcome,
    PluginCrashed,
    PushOutcome,
    Secret,
    ServerInfo,
    UnknownBackend,
    User,
    WatchStateError,
    WebhookRejected,
    WebhookRequest,
    hookimpl,
)
from watchstate.plugins.manager import PluginManager
from watchstate.plugins.records import PluginStatus

HTTP: Any = object()
CHANGES = [Change(entry_id="1", watched=True), Change(entry_id="2", watched=False)]


def manager_of(**attributes: Any) -> PluginManager:
    manager = PluginManager.of({"fake": good_but(**attributes)})
    assert manager.records()[0].status is PluginStatus.READY, manager.records()[0].reason
    return manager


def pushing(answer: Any) -> PluginManager:
    async def push_state(self, changes):
        return answer

    return manager_of(push_state=hookimpl(push_state))


def raising(error: BaseException) -> PluginManager:
    async def push_state(self, changes):
        raise error

    return manager_of(push_state=hookimpl(push_state))


def yielding(*pages: Any) -> PluginManager:
    async def fetch_library(self, scope):
        for page in pages:
            yield page

    return manager_of(fetch_library=hookimpl(fetch_library))


async def fetched(manager: PluginManager, backend: str = "fake") -> list[str]:
    async with aclosing(manager.fetch_library(account_of(backend), HTTP, Everything())) as batches:
        return [fact.entry.entry_id async for batch in batches for fact in batch.facts]


async def test_a_library_comes_batch_by_batch() -> None:
    assert await fetched(manager_of()) == ["1", "2", "3"]


async def test_arguments_reach_the_plugin() -> None:
    seen = []

    async def fetch_library(self, account, http, scope):
        seen.append((account, http, scope))
        yield batch()

    await fetched(manager_of(fetch_library=hookimpl(fetch_library)))
    assert seen == [(account_of(), HTTP, Everything())]


async def test_a_stream_that_is_left_early_closes_the_plugin_at_once() -> None:
    closed = []

    async def fetch_library(self, scope):
        try:
            yield batch(fact("1"))
            yield batch(fact("2"))
        finally:
            closed.append(True)

    manager = manager_of(fetch_library=hookimpl(fetch_library))
    async with aclosing(manager.fetch_library(account_of(), HTTP, Everything())) as batches:
        async for _ in batches:
            break
    assert closed == [True]


async def test_what_came_before_a_crash_has_been_delivered() -> None:
    async def fetch_library(self, scope):
        yield batch(fact("1"))
        raise KeyError("Items")

    stream = manager_of(fetch_library=hookimpl(fetch_library)).fetch_library(account_of(), HTTP, Everything())
    assert await anext(stream) == batch(fact("1"))
    with pytest.raises(PluginCrashed, match="plugin fake: fetch_library raised KeyError: 'Items'"):
        await anext(stream)


async def test_a_fact_that_is_none_is_named_with_its_path() -> None:
    wrong = fact("2", year="2012")
    with pytest.raises(PluginCrashed, match=r"Expected `int \| null`, got `str` - at `\$\.facts\[1\]\.entry\.year`"):
        await fetched(yielding(batch(fact("1"), wrong)))


@pytest.mark.parametrize(
    "page",
    [
        None,
        [],
        batch(fact("")),
        batch(fact(entry_id=None)),
        batch(fact("1", season=-1)),
        batch(fact("1", provider_ids=(("imdb", ""),))),
        batch(fact("1", added_at=1.5)),
        batch(fact("1", title=object())),
        batch(None),
    ],
)
async def test_a_batch_that_is_none_is_refused(page: Any) -> None:
    with pytest.raises(PluginCrashed, match="fetch_library returned something invalid"):
        await fetched(yielding(page))


async def test_a_batch_may_hold_an_entry_twice() -> None:
    assert await fetched(yielding(batch(fact("1"), fact("1")))) == ["1", "1"]


async def test_each_server_is_answered_by_its_own_backend() -> None:
    async def fetch_library(self, scope):
        yield batch(fact("other"))

    manager = PluginManager.of({"fake": good_but(), "other": good_but(fetch_library=hookimpl(fetch_library))})
    assert await fetched(manager, "fake") == ["1", "2", "3"]
    assert await fetched(manager, "other") == ["other"]


async def test_one_outcome_for_each_change_in_their_order() -> None:
    first, second = (PushOutcome(entry_id=entry_id, outcome=Outcome.APPLIED) for entry_id in "12")
    assert await pushing((second, first)).push_state(account_of(), HTTP, CHANGES) == [first, second]


async def test_a_change_that_the_plugin_does_not_mention_is_unknown() -> None:
    outcomes = await pushing([]).push_state(account_of(), HTTP, CHANGES)
    assert [(outcome.entry_id, outcome.outcome) for outcome in outcomes] == [
        ("1", Outcome.UNKNOWN),
        ("2", Outcome.UNKNOWN),
    ]


async def test_an_outcome_that_nobody_asked_for_is_a_crash() -> None:
    foreign = PushOutcome(entry_id="3", outcome=Outcome.APPLIED)
    with pytest.raises(PluginCrashed, match="an outcome for 3, which nobody asked"):
        await pushing([foreign]).push_state(account_of(), HTTP, CHANGES)


async def test_two_outcomes_for_a_change_are_a_crash() -> None:
    applied = PushOutcome(entry_id="1", outcome=Outcome.APPLIED)
    refused = PushOutcome(entry_id="1", outcome=Outcome.REFUSED)
    with pytest.raises(PluginCrashed, match="two outcomes for 1"):
        await pushing([applied, refused]).push_state(account_of(), HTTP, CHANGES)


@pytest.mark.parametrize("answer", [None, "applied", ["1"], [PushOutcome(entry_id="1", outcome="done")]])
async def test_outcomes_that_are_none_are_a_crash(answer: Any) -> None:
    with pytest.raises(PluginCrashed, match="push_state returned something invalid"):
        await pushing(answer).push_state(account_of(), HTTP, CHANGES)


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), SystemExit("x"), AssertionError("x"), httpx.ReadError("x"), ExceptionGroup("x", [OSError()])],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_plugin_raises_is_a_crash(error: BaseException) -> None:
    with pytest.raises(PluginCrashed, match=f"push_state raised {type(error).__name__}: x") as caught:
        await raising(error).push_state(account_of(), HTTP, CHANGES)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        BackendUnavailable("home", "GET /", "refused"),
        WatchStateError("ours"),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_our_own_errors_and_those_of_the_loop_pass(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        await raising(error).push_state(account_of(), HTTP, CHANGES)
    assert caught.value is error


@pytest.mark.parametrize("form", [TOKEN, quote(TOKEN, safe="")], ids=["plain", "quoted"])
async def test_a_crash_does_not_show_a_token(form: str) -> None:
    with pytest.raises(PluginCrashed) as caught:
        await raising(ValueError(f"no answer from /?token={form}&a")).push_state(account_of(), HTTP, CHANGES)
    assert "raised ValueError: no answer from /?token=***&a" in str(caught.value)
    assert form not in "".join(traceback.format_exception(caught.value))


async def test_a_token_at_the_cut_of_a_long_text_is_not_shown_in_part() -> None:
    with pytest.raises(PluginCrashed) as caught:
        await raising(ValueError("x" * 280 + TOKEN)).push_state(account_of(), HTTP, CHANGES)
    assert TOKEN[:6] not in str(caught.value)


def webhook(body: bytes = b"7") -> WebhookRequest:
    return WebhookRequest(headers={"x-apikey": "fake-key-0815", "content-type": "text/plain"}, body=body)


def parsing(answer: Any = None, error: Exception | None = None) -> PluginManager:
    def parse_webhook(self, request):
        if error is not None:
            raise error
        return answer

    return manager_of(parse_webhook=hookimpl(parse_webhook))


def test_a_webhook_becomes_events() -> None:
    event = Event(kind=EventKind.STATE, machine_id="m", user_id="u", entry_id="7")
    assert manager_of().parse_webhook("fake", webhook()) == (event,)


def test_a_webhook_that_says_nothing() -> None:
    assert parsing(()).parse_webhook("fake", webhook()) == ()


def test_a_rejected_webhook_is_passed_on() -> None:
    with pytest.raises(WebhookRejected):
        parsing(error=WebhookRejected("no JSON")).parse_webhook("fake", webhook())


def test_a_webhook_parser_that_returns_nothing_is_a_crash() -> None:
    with pytest.raises(PluginCrashed, match="Expected `array`, got `None`"):
        parsing(None).parse_webhook("fake", webhook())


def test_a_webhook_crash_does_not_show_its_key() -> None:
    error = ValueError("fake-key-0815 in text/plain")
    with pytest.raises(PluginCrashed, match=r"raised ValueError: \*\*\* in text/plain"):
        parsing(error=error).parse_webhook("fake", webhook())


async def test_users_keep_their_tokens_secret() -> None:
    (user,) = await manager_of().list_users(server_of(), HTTP)
    assert user == User(user_id="u", name="home", token=Secret(TOKEN))
    assert TOKEN not in repr(user)


async def test_a_token_that_is_no_secret_is_refused_without_showing_it() -> None:
    async def list_users(self, server):
        return [User(user_id="u", name="x", token=TOKEN)]

    with pytest.raises(PluginCrashed, match=r"Expected `Secret`, got `str`") as caught:
        await manager_of(list_users=hookimpl(list_users)).list_users(server_of(), HTTP)
    assert TOKEN not in str(caught.value)


async def test_what_is_known_of_people_reaches_a_plugin_that_names_it() -> None:
    async def list_users(self, known):
        return [replace(user, name="again") for user in known]

    manager = manager_of(list_users=hookimpl(list_users))
    known = [User(user_id="u", name="once", token=Secret("known-4711"))]
    assert await manager.list_users(server_of(), HTTP, known) == (replace(known[0], name="again"),)
    assert await manager.list_users(server_of(), HTTP) == ()


async def test_a_crash_does_not_show_the_tokens_that_are_known() -> None:
    async def list_users(self, known):
        raise ValueError(f"bad: {known[0].token.reveal()}")

    with pytest.raises(PluginCrashed, match=r"raised ValueError: bad: \*\*\*"):
        await manager_of(list_users=hookimpl(list_users)).list_users(
            server_of(), HTTP, [User(user_id="u", name="once", token=Secret("known-4711"))]
        )


async def test_a_server_that_cannot_be_identified() -> None:
    assert await manager_of().identify_server(server_of(), HTTP) is None


async def test_a_server_is_identified() -> None:
    info = ServerInfo(machine_id="m", name="home", version="1")

    async def identify_server(self, server):
        return info

    assert await manager_of(identify_server=hookimpl(identify_server)).identify_server(server_of(), HTTP) == info


async def test_an_identity_without_a_machine_id_is_a_crash() -> None:
    async def identify_server(self, server):
        return ServerInfo(machine_id="", name="home", version="1")

    with pytest.raises(PluginCrashed, match=r"machine_id"):
        await manager_of(identify_server=hookimpl(identify_server)).identify_server(server_of(), HTTP)


def test_without_a_word_the_least_is_assumed() -> None:
    assert manager_of().capabilities("fake", None) == Capabilities()


def test_capabilities_follow_the_identified_server() -> None:
    def capabilities(self, info):
        return Capabilities(lists_changes=info.version == "12")

    manager = manager_of(capabilities=hookimpl(capabilities))
    assert manager.capabilities("fake", ServerInfo(machine_id="m", name="home", version="12")).lists_changes


def test_capabilities_that_are_none_are_a_crash() -> None:
    with pytest.raises(PluginCrashed, match="capabilities returned something invalid"):
        manager_of(capabilities=hookimpl(lambda self, info: None)).capabilities("fake", None)


def test_options_are_the_common_ones_by_default() -> None:
    assert manager_of().options_type("fake") is CommonOptions


def test_options_of_its_own() -> None:
    class Options(CommonOptions, frozen=True):
        colour: str = "blue"

    assert manager_of(Options=Options).options_type("fake") is Options


async def test_an_unknown_backend_lists_what_is_loaded_and_what_failed() -> None:
    manager = PluginManager.of({"fake": Good(), "broken": object()})
    with pytest.raises(UnknownBackend) as caught:
        await fetched(manager, "fakee")
    loaded, failed = str(caught.value).split("; not loaded: ")
    assert loaded == "no backend fakee is loaded; is fake meant? there are: fake"
    assert failed.startswith("broken (contract error: fetch_library is missing")


async def test_a_backend_that_failed_to_load_says_why() -> None:
    manager = PluginManager.of({"broken": object()})
    with pytest.raises(
        UnknownBackend, match="the backend broken is not loaded: contract error: fetch_library is missing"
    ):
        await manager.list_users(server_of("broken"), HTTP)


def test_records_come_in_the_order_in_which_they_were_asked_for() -> None:
    manager = PluginManager.of({"b": object(), "a": Good()})
    assert [(record.name, record.status) for record in manager.records()] == [
        ("b", PluginStatus.CONTRACT_ERROR),
        ("a", PluginStatus.READY),
    ]
