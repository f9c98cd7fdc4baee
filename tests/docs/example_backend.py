"""A complete backend for Shelf, a media server that exists only here. docs/authors.md shows it piece by piece."""

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

import msgspec

from watchstate.api import (
    Account,
    Backend,
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimited,
    BackendUnavailable,
    Capabilities,
    Change,
    ChangedSince,
    CommonOptions,
    Entries,
    Entry,
    Event,
    EventKind,
    Everything,
    Fact,
    Http,
    HttpResponse,
    Id,
    LibraryBatch,
    Natural,
    Ordinal,
    Outcome,
    PlayState,
    ProviderId,
    PushOutcome,
    Scope,
    Search,
    Secret,
    Server,
    ServerInfo,
    User,
    WatchDate,
    WebhookRejected,
    WebhookRequest,
    hookimpl,
)


# -- begin: wire --
class Title(msgspec.Struct, frozen=True):
    """A row of Shelf's list, for one person."""

    id: Id
    kind: str
    name: str
    year: Ordinal | None
    ids: dict[Id, Id]
    show: str
    show_ids: dict[Id, Id]
    season: Ordinal | None
    episodes: tuple[Ordinal, ...]
    runtime_ms: Natural
    added_ms: Natural
    watched: bool
    position_ms: Natural
    plays: Natural
    played_ms: Natural
    playing: bool


class Page(msgspec.Struct, frozen=True):
    """A part of that list."""

    total: Natural
    titles: tuple[Title, ...]


class Person(msgspec.Struct, frozen=True):
    """Somebody who watches."""

    id: Id
    name: str


class About(msgspec.Struct, frozen=True):
    """What Shelf says about itself."""

    id: Id
    name: str
    version: str


class Notice(msgspec.Struct, frozen=True):
    """What Shelf posts when something happens."""

    server: str
    person: str
    title: str
    watched: bool | None = None


PAGE = msgspec.json.Decoder(Page)
TITLE = msgspec.json.Decoder(Title)
PEOPLE = msgspec.json.Decoder(list[Person])
ABOUT = msgspec.json.Decoder(About)
NOTICE = msgspec.json.Decoder(Notice)
# -- end: wire --


# -- begin: convert --
def to_fact(title: Title) -> Fact:
    """Return a row in the words of the contract: unfiltered, uninterpreted, in ms UTC."""
    return Fact(
        entry=Entry(
            entry_id=title.id,
            kind="episode" if title.kind == "episode" else "movie",
            title=title.name,
            year=title.year,
            provider_ids=tuple(ProviderId(name, value) for name, value in title.ids.items()),
            show_title=title.show,
            show_ids=tuple(ProviderId(name, value) for name, value in title.show_ids.items()),
            season=title.season,
            episodes=title.episodes,
            runtime_ms=title.runtime_ms,
            added_at=title.added_ms,
        ),
        state=PlayState(
            watched=title.watched,
            position_ms=title.position_ms,
            play_count=title.plays,
            watched_at=title.played_ms,
        ),
        is_playing=title.playing,
        is_detailed=True,
    )


# -- end: convert --


class ShelfOptions(CommonOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can stand under `options:` of a Shelf server."""

    page_size: int = 100


def headers(token: Secret) -> dict[str, str]:
    """Return what authorises a request."""
    return {"X-Shelf-Token": token.reveal()}


async def read(
    http: Http, path: str, token: Secret, decoder: msgspec.json.Decoder, **params: str | int
) -> tuple[object, HttpResponse]:
    """Read a path; anything but an answer of the expected shape is an error."""
    answer = await http.get(path, params=params, headers=headers(token))
    if answer.status != 200:
        reason = f"answered with status {answer.status}"
        raise BackendProtocolError(answer.server, answer.operation, reason, "check the url and the user")
    return answer.decode(decoder), answer


# -- begin: fetch --
async def pages(account: Account, http: Http, **more: str | int) -> AsyncIterator[tuple[Page, HttpResponse]]:
    """Yield the list of an account, page by page. Each page goes on after the last id of the one before."""
    size = account.server.options.page_size
    without = ",".join(account.server.options.ignore)
    last = ""
    while True:
        page, answer = await read(
            http,
            f"/people/{account.user_id}/titles",
            account.token,
            PAGE,
            after=last,
            count=size,
            without=without,
            **more,
        )
        ids = [title.id for title in page.titles]
        if ids and ids[0] <= last:
            raise BackendProtocolError(answer.server, answer.operation, "repeats a page", "is a proxy in between?")
        yield page, answer
        if len(ids) < size:
            return
        last = ids[-1]


async def fetch(account: Account, http: Http, scope: Scope) -> AsyncIterator[LibraryBatch]:
    """Yield one batch a page, dated by the request behind it."""
    match scope:
        case Everything():
            parts: list[dict[str, str | int]] = [{}]
        case Entries(entry_ids):
            hundreds = range(0, len(entry_ids), 100)
            parts = [{"ids": ",".join(entry_ids[first : first + 100])} for first in hundreds]
        case Search(text, limit):
            parts = [{"search": text, "limit": limit}]
        case ChangedSince():
            name = account.server.name
            raise BackendProtocolError(name, "fetch_library", "Shelf can't list changes", "read everything instead")
    for part in parts:
        async for page, answer in pages(account, http, **part):
            yield LibraryBatch(
                facts=tuple(to_fact(title) for title in page.titles),
                read_from=answer.began_at,
                read_to=answer.ended_at,
                total=page.total if isinstance(scope, Everything) else None,
            )


# -- end: fetch --


# -- begin: push --
async def write(account: Account, http: Http, change: Change) -> PushOutcome:
    """Send one change; tell what became of it, and never more than is certain."""
    body: dict[str, bool | int] = {}
    if change.watched is not None:
        body = {"watched": change.watched, "position_ms": 0}
    if change.watched and change.watched_at is not None:
        body["played_ms"] = change.watched_at
    if change.position_ms is not None:
        body["position_ms"] = change.position_ms
    path = f"/people/{account.user_id}/titles/{change.entry_id}"
    try:
        answer = await http.send("PUT", path, headers=headers(account.token), json=body)
        outcome = outcome_of(answer)
    except BackendError as error:
        wait = error.retry_after_ms if isinstance(error, BackendRateLimited) else None
        return PushOutcome(
            entry_id=change.entry_id, outcome=outcome_after(error), retry_after_ms=wait, detail=str(error)
        )
    return PushOutcome(entry_id=change.entry_id, outcome=outcome, sent_at=answer.began_at, answered_at=answer.ended_at)


def outcome_of(answer: HttpResponse) -> Outcome:
    """Judge an answer: a 200 counts only if it shows the title as Shelf now has it."""
    if answer.status == 404:
        return Outcome.NOT_FOUND
    if answer.status != 200:
        return Outcome.FAILED
    answer.decode(TITLE)
    return Outcome.APPLIED


def outcome_after(error: BackendError) -> Outcome:
    """Judge an error: failed only if the change certainly didn't happen."""
    match error:
        case BackendAuthError():
            return Outcome.REFUSED
        case BackendRateLimited() | BackendUnavailable(sent=False):
            return Outcome.FAILED
        case _:
            return Outcome.UNKNOWN


# -- end: push --


async def push(account: Account, http: Http, changes: Sequence[Change]) -> list[PushOutcome]:
    """Write what is not so already, and leave alone what this account is playing."""
    there: dict[str, Title] = {}
    for first in range(0, len(changes), 100):
        ids = ",".join(change.entry_id for change in changes[first : first + 100])
        async for page, _ in pages(account, http, ids=ids):
            there |= {title.id: title for title in page.titles}
    outcomes = []
    for change in changes:
        title = there.get(change.entry_id)
        if title is not None and title.playing:
            outcomes.append(PushOutcome(entry_id=change.entry_id, outcome=Outcome.BUSY))
        elif title is not None and is_so(title, change):
            outcomes.append(PushOutcome(entry_id=change.entry_id, outcome=Outcome.ALREADY))
        else:
            outcomes.append(await write(account, http, change))
    return outcomes


def is_so(title: Title, change: Change) -> bool:
    """Say whether a title shows already what a change asks for."""
    position = change.position_ms if change.watched is None else change.position_ms or 0
    return change.watched in {None, title.watched} and position in {None, title.position_ms}


# -- begin: webhook --
def parse(request: WebhookRequest) -> tuple[Event, ...]:
    """Return what a notice says. It is only a hint: core reads the entry before it believes anything."""
    try:
        notice = NOTICE.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WebhookRejected("the body is no notice of Shelf") from error
    if not notice.title:
        return ()
    return (
        Event(
            kind=EventKind.STATE,
            machine_id=notice.server,
            user_id=notice.person,
            entry_id=notice.title,
            watched=notice.watched,
        ),
    )


# -- end: webhook --


# -- begin: plugin --
class ShelfBackend:
    """Hooks only: each leads to the function that does it."""

    Options: ClassVar[type[CommonOptions]] = ShelfOptions

    @hookimpl
    async def fetch_library(self, account: Account, http: Http, scope: Scope) -> AsyncIterator[LibraryBatch]:
        """Yield what an account has and has watched."""
        async for batch in fetch(account, http, scope):
            yield batch

    @hookimpl
    async def push_state(self, account: Account, http: Http, changes: Sequence[Change]) -> Sequence[PushOutcome]:
        """Write changes."""
        return await push(account, http, changes)

    @hookimpl
    def parse_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """Read a notice."""
        return parse(request)

    @hookimpl
    async def list_users(self, server: Server, http: Http) -> Sequence[User]:
        """Return everybody who has a shelf."""
        people, _ = await read(http, "/people", server.token, PEOPLE)
        return [User(user_id=person.id, name=person.name) for person in people]

    @hookimpl
    async def identify_server(self, server: Server, http: Http) -> ServerInfo:
        """Return who answers."""
        about, answer = await read(http, "/about", server.token, ABOUT)
        return ServerInfo(
            machine_id=about.id, name=about.name, version=about.version, clock_skew_ms=answer.clock_skew_ms
        )

    @hookimpl
    def capabilities(self, info: ServerInfo | None) -> Capabilities:
        """Return what Shelf can do."""
        return Capabilities(
            acts_for_everyone=True,
            watch_date=WatchDate.TAKEN,
            writes_position=True,
            clears_position=True,
            batch_reads_complete=True,
            page_size=100,
        )


_: type[Backend] = ShelfBackend
# -- end: plugin --
