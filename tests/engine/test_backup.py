"""Backup and restore: what the hub holds survives the hub."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.home import HOUR, MINUTE, START, Home, SetClock, empty_database, episode, movie

from watchstate.app import open_services
from watchstate.config import load_settings
from watchstate.states import HubState, Interval
from watchstate.storage import catalogue, states
from watchstate.storage.backup_file import BackupError, Line, read_header, read_lines, write_backup
from watchstate.sync.backing_up import back_up, identities, restore


@pytest.fixture
def home(tmp_path):
    """A Plex, a Jellyfin and an Emby with a film, an episode, a double episode and a special."""
    folder = tmp_path / "home"
    folder.mkdir()
    home = Home(folder, plex="plex", jelly="jellyfin", emby="emby")
    titles = [movie(1), movie(2), episode(1, 1), episode(0, 1), episode(1, 2, episodes=(2, 3))]
    home.entries = {name: [place.add(title) for title in titles] for name, place in home.places.items()}
    return home


async def make_backup(home, folder, identity="main"):
    async with home.services() as services:
        return await back_up(services.engine, folder, identity=identity, name=f"{identity}.jsonl.gz")


async def bring_back(home, file, identity=None):
    async with home.services() as services:
        return await restore(services.engine, file, identity=identity)


async def hub(home, identity="main"):
    """Return the hub by what says which title it is."""
    async with home.services() as services:
        return await services.storage.read(lambda conn: _hub(conn, identity))


def _hub(conn, identity):
    ids = states.items_with_hubs(conn, identity)
    rows, known = catalogue.items(conn, ids), states.hubs(conn, identity, ids)
    return {(rows[i].kind, rows[i].title, rows[i].season, rows[i].episode): known[i] for i in ids}


def forget_everything(home):
    (home.folder / "db" / "watchstate.db").write_bytes(empty_database())
    for rest in ("-wal", "-shm"):
        (home.folder / "db" / f"watchstate.db{rest}").unlink(missing_ok=True)


def shown(home):
    return {name: [home[name].is_watched(one) for one in own] for name, own in home.entries.items()}


async def a_life(home):
    """Watch some, un-watch one, stop in the middle of one."""
    jelly, plex = home["jelly"], home["plex"]
    for index in (0, 2, 3, 4):
        jelly.watch(home.entries["jelly"][index], at=home.clock() - (100 + index) * HOUR)
    plex.play(home.entries["plex"][1], 50 * MINUTE)
    await home.sync()
    home["emby"].unwatch(home.entries["emby"][3])
    await home.run("sync", is_full=True)


async def test_an_empty_hub_gets_everything_back_and_the_servers_too(home, tmp_path):
    await a_life(home)
    before, on_screen = await hub(home), shown(home)
    made = await make_backup(home, tmp_path)
    assert made.items == len(before)
    forget_everything(home)
    for place, own in home.entries.items():
        for one in own:
            home[place].simulator.replace_file(one)
    home.clock.pass_time(HOUR)
    done = await bring_back(home, made.file)
    assert (done.changed, done.unidentified) == (len(before), ())
    assert await hub(home) == before
    await home.sync()
    assert shown(home) == on_screen
    assert await hub(home) == before
    assert await home.is_silent()


async def test_restoring_twice_changes_nothing(home, tmp_path):
    await a_life(home)
    made = await make_backup(home, tmp_path)
    assert (await bring_back(home, made.file)).changed == 0
    forget_everything(home)
    await bring_back(home, made.file)
    assert (await bring_back(home, made.file)).changed == 0


async def test_an_old_backup_takes_nothing_away_from_a_living_hub(home, tmp_path):
    await a_life(home)
    made = await make_backup(home, tmp_path)
    home.clock.pass_time(HOUR)
    home["jelly"].watch(home.entries["jelly"][1])
    home["plex"].unwatch(home.entries["plex"][0])
    await home.run("sync", is_full=True)
    later = await hub(home)
    assert (await bring_back(home, made.file)).changed == 0
    assert await hub(home) == later


async def test_an_old_backup_does_not_bring_back_what_was_un_watched_between_the_next_two_looks(home, tmp_path):
    """R3 alone can't tell: Jellyfin dates the start of a play, so the watch may have ended when the un-watch began."""
    entry = home.entries["jelly"][0]
    await home.sync()
    home["jelly"].play(entry, None)
    await home.sync()
    made = await make_backup(home, tmp_path)
    home["jelly"].unwatch(entry)
    home.clock.pass_time(HOUR)
    await home.run("sync", is_full=True)
    later = await hub(home)
    assert [state.watched for state in later.values()] == [False]
    assert (await bring_back(home, made.file)).changed == 0
    assert await hub(home) == later
    await home.sync()
    assert not any(shown(home)["jelly"])


async def test_an_old_backup_knows_the_title_that_was_two_when_it_was_made(home, tmp_path):
    """M7: the state of the item that was merged away was in the hub, too."""
    jelly = home["jelly"]
    ones = [jelly.add(movie(8, ids=ids, path=None)) for ids in ({"Imdb": "tt0000008"}, {"Tmdb": "8"})]
    await home.sync()
    jelly.play(ones[1], None)
    await home.sync()
    made = await make_backup(home, tmp_path)
    jelly.add(movie(8, ids={"Imdb": "tt0000008", "Tmdb": "8"}, path=None))
    await home.run("sync", is_full=True)
    jelly.unwatch(ones[1])
    home.clock.pass_time(HOUR)
    await home.run("sync", is_full=True)
    later = await hub(home)
    assert [state.watched for state in later.values()] == [False]
    assert (await bring_back(home, made.file)).changed == 0
    assert await hub(home) == later


async def test_a_backup_of_one_person_can_go_to_another(home, tmp_path):
    await a_life(home)
    made = await make_backup(home, tmp_path)
    await bring_back(home, made.file, identity="bob")
    assert await hub(home, "bob") == await hub(home)
    async with home.services() as services:
        assert await identities(services.engine) == ["bob", "main"]


async def test_a_title_that_could_be_two_is_left_out_and_named(home, tmp_path):
    """M3: never guess."""
    await home.run("import")
    home["jelly"].add(movie(8, ids={"Imdb": "tt0000008", "Tmdb": "8"}))
    home["jelly"].add(movie(9, ids={"Imdb": "tt0000009", "Tmdb": "9"}))
    await home.run("import")
    both = Line(
        kind="movie",
        title="Both",
        keys=("movie:imdb:tt0000008", "movie:tmdb:9"),
        state=HubState(watched=True, changed=Interval(1, 2)),
    )
    write_backup(tmp_path / "odd.gz", "main", START, 1, [both])
    done = await bring_back(home, tmp_path / "odd.gz")
    assert (done.changed, done.unidentified) == (0, ("Both",))


def _state(draw):
    watched = draw(st.sampled_from([None, True, False]))
    begins = draw(st.integers(0, START))
    changed = None if watched is None else Interval(begins, draw(st.integers(begins, START)))
    position = draw(st.integers(0, 10**7))
    return HubState(
        watched=watched,
        changed=changed,
        watched_at=draw(st.none() | st.integers(1, START)) if watched else None,
        position_ms=position,
        position_changed=Interval(begins, begins) if position else changed,
        position_runtime_ms=draw(st.none() | st.integers(1, 10**7)) if position else None,
        origin=draw(st.none() | st.sampled_from(["plex", "watchstate"])),
    )


@st.composite
def _lines(draw):
    numbers = draw(st.lists(st.integers(1, 10**6), unique=True, max_size=20))
    lines = []
    for number in numbers:
        title, state = draw(st.text(max_size=20)), _state(draw)
        if draw(st.booleans()):
            keys = (f"movie:imdb:tt{number:07d}", f"movie:tmdb:{number}")
            lines.append(Line(kind="movie", title=title, year=1999, keys=keys, state=state))
        else:
            own = {"title": title, "show_title": "Show", "season": 1, "episode": number}
            lines.append(Line(kind="episode", **own, keys=(f"show:tvdb:7:1:{number}",), state=state))
    return lines


@given(lines=_lines())
@settings(max_examples=15, deadline=None)
async def test_whatever_a_hub_holds_comes_back_from_its_backup(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("round")
    (folder / "db").mkdir()
    (folder / "db" / "watchstate.db").write_bytes(empty_database())
    write_backup(folder / "first.gz", "main", START, len(lines), lines)
    assert list(read_lines(folder / "first.gz")) == lines
    settings_ = load_settings({"WS_DATA_PATH": str(folder)})
    async with open_services(settings_, servers={}, clock=SetClock()) as services:
        await restore(services.engine, folder / "first.gz")
        await back_up(services.engine, folder, identity="main", name="second.gz")
    known = [line for line in lines if line.state != HubState(origin=line.state.origin)]
    again = {line.keys: line for line in read_lines(folder / "second.gz")}
    assert {line.keys: line.state for line in known}.items() <= {k: v.state for k, v in again.items()}.items()
    assert {line.keys: line.title for line in known}.items() <= {k: v.title for k, v in again.items()}.items()


# The file


def backup_of_one(file):
    line = Line(kind="movie", title="A", keys=("movie:imdb:tt1",), state=HubState(watched=True, changed=Interval(1, 2)))
    write_backup(file, "main", START, 1, [line])
    return file


def test_a_backup_says_what_it_is(tmp_path):
    header = read_header(backup_of_one(tmp_path / "a.gz"))
    assert (header.format, header.version, header.identity, header.items) == ("watchstate backup", 1, "main", 1)


def test_a_backup_that_was_not_finished_leaves_the_old_one_and_no_litter(tmp_path):
    file = backup_of_one(tmp_path / "a.gz")
    old = file.read_bytes()

    def breaking():
        yield from read_lines(file)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_backup(file, "main", START, 2, breaking())
    assert [one.name for one in tmp_path.iterdir()] == ["a.gz"]
    assert file.read_bytes() == old


def test_a_backup_with_another_count_than_it_says_is_never_put_in_place(tmp_path):
    with pytest.raises(BackupError, match="cut off"):
        write_backup(tmp_path / "a.gz", "main", START, 5, [])
    assert list(tmp_path.iterdir()) == []


HEADER = b'{"format":"watchstate backup","version":1,"identity":"main","made_at":1,"items":1}\n'
LINE = b'{"kind":"movie","keys":["movie:imdb:tt1"],"state":{"watched":true,"changed":{"begins":1,"ends":2}}}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "first line can't be read"),
        (b"hello\n", "first line can't be read"),
        (HEADER.replace(b"watchstate backup", b"something"), "calls itself 'something'"),
        (HEADER.replace(b'"version":1', b'"version":2'), "update watchstate"),
        (HEADER.replace(b"main", b"../../etc"), "first line can't be read"),
        (HEADER, "has 0 titles instead of 1"),
        (HEADER + LINE + LINE, "has 2 titles instead of 1"),
        (HEADER + LINE[:30], "line 2 can't be read"),
        (HEADER + LINE.replace(b"movie", b"song", 1), "line 2 can't be read"),
        (HEADER + LINE.replace(b'"ends":2', b'"ends":0'), "the state in line 2 makes no sense"),
        (HEADER + LINE.replace(b'{"begins":1,"ends":2}', b"null"), "the state in line 2 makes no sense"),
        (HEADER + LINE.replace(b'"ends":2', b'"ends":1e30'), "line 2 can't be read"),
        (HEADER + LINE.replace(b'"ends":2', b'"ends":18446744073709551615'), "the state in line 2 makes no sense"),
    ],
)
async def test_a_damaged_backup_is_told_and_changes_nothing(home, tmp_path, text, says):
    file = tmp_path / "a.gz"
    file.write_bytes(gzip.compress(text))
    with pytest.raises(BackupError, match=says):
        await bring_back(home, file)
    assert await hub(home) == {}


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-12], lambda raw: b"x" + raw, lambda raw: raw[:20] + b"\xff" * 20])
def test_bytes_that_no_disk_should_return_are_told(tmp_path, spoil):
    file = backup_of_one(tmp_path / "a.gz")
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(BackupError, match=r"damaged|can't be read"):
        list(read_lines(file))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BackupError, match="No such file"):
        list(read_lines(tmp_path / "none.gz"))
    with pytest.raises(BackupError, match="can't be written"):
        backup_of_one(tmp_path / "file" / "a.gz" if (tmp_path / "file").write_text("x") else tmp_path)
