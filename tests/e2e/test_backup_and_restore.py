"""`backup` and `restore` at the command line, and the page about the file."""

import gzip
import json

import pytest
from tests.docs.pages import DOCS, blocks

from watchstate.storage.backup_file import Header, Line, read_header, read_lines


@pytest.fixture
def backed_up(shell, tmp_path):
    shell("state", "sync")
    (row,) = shell.json("backup", str(tmp_path / "usb"))
    shell.file = row["file"]
    return shell


def empty(shell):
    for file in (shell.home.folder / "db").iterdir():
        file.unlink()


def test_a_backup_is_a_file_for_each_person_that_can_be_read_without_us(backed_up):
    with gzip.open(backed_up.file) as lines:
        header, line = [json.loads(text) for text in lines]
    assert (header["format"], header["items"]) == ("watchstate backup", 1)
    assert line["keys"] == ["movie:imdb:tt0001001", "movie:tmdb:1001"]
    assert line["state"]["watched"] is True


def test_without_a_folder_it_goes_to_the_data_folder(shell):
    shell("state", "sync")
    shell("backup")
    assert [one.name for one in (shell.home.folder / "backup").iterdir()] == ["main.20231114-221320.jsonl.gz"]


def test_an_empty_hub_gets_it_back_and_the_next_export_delivers(backed_up):
    empty(backed_up)
    for name, entry in zip(("one", "two"), backed_up.home.pair, strict=True):
        backed_up.home[name].simulator.replace_file(entry)
    backed_up("restore", backed_up.file, "--dry-run")
    assert "1 would change in the hub" in backed_up.out
    backed_up("restore", backed_up.file)
    assert "1 changed in the hub" in backed_up.out
    assert backed_up("state", "sync").code == 0
    assert backed_up.home["one"].is_watched(backed_up.home.pair[0])
    assert backed_up.home["two"].is_watched(backed_up.home.pair[1])
    assert "0 changed" in backed_up("restore", backed_up.file).out


def test_a_backup_of_somebody_whom_no_server_has_is_restored_with_a_warning(backed_up, tmp_path):
    stranger = tmp_path / "stranger.gz"
    with gzip.open(backed_up.file) as lines:
        stranger.write_bytes(gzip.compress(lines.read().replace(b'"main"', b'"stranger"', 1)))
    backed_up("restore", str(stranger))
    assert "1 changed in the hub of stranger" in backed_up.out
    assert "next export" not in backed_up.out
    assert "no server has a user stranger" in backed_up.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["restore", "nothing.gz"], 1, "nothing.gz can't be read: No such file or directory"),
        (["restore", "/etc/hostname"], 1, "is damaged or no backup of watchstate"),
        (["restore", "FILE", "--user", "nobody"], 2, "there is no user nobody"),
        (["backup", "--user", "nobody"], 2, "nothing is known of nobody; the hub knows: main"),
        (["backup", "/proc/nowhere"], 1, "can't be written"),
    ],
)
def test_what_makes_no_sense_is_one_line(backed_up, words, code, says):
    backed_up(*[backed_up.file if word == "FILE" else word for word in words])
    assert backed_up.code == code
    assert says in backed_up.err
    assert backed_up.err.count("\n") == 1


def test_an_empty_hub_has_nothing_to_back_up(shell):
    shell("backup")
    assert (shell.code, shell.out) == (0, "")
    assert "the hub is empty" in shell.err


@pytest.mark.docs
def test_the_lines_on_the_page_are_what_we_read(tmp_path):
    header, line = [block.text for block in blocks("json") if block.page == DOCS / "reference" / "backup.md"]
    file = tmp_path / "page.gz"
    file.write_bytes(gzip.compress((header + line + line).encode()))
    assert read_header(file).items == 2
    assert len(list(read_lines(file))) == 2


@pytest.mark.docs
def test_the_page_names_every_field():
    text = (DOCS / "reference" / "backup.md").read_text()
    fields = {*Header.__struct_fields__, *Line.__struct_fields__}
    assert [name for name in fields if f"`{name}`" not in text] == ["state"]
