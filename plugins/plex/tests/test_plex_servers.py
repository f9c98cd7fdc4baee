import pytest
from plugins.plex.tests.canned import MACHINE, SERVER, CannedHttp, container

from watchstate.api import BackendProtocolError, ServerInfo, WatchDate
from watchstate_plex.backend import PlexBackend
from watchstate_plex.servers import identify

IDENTITY = {"machineIdentifier": MACHINE, "version": "1.43.1.10611-1e34174b1", "claimed": True}


def answering(body):
    return CannedHttp({"/identity": [body], "/System/Info/Public": [(404, b"")]})


async def test_a_server_says_who_it_is():
    info = await identify(SERVER, answering(container(**IDENTITY)))
    assert info == ServerInfo(
        machine_id=MACHINE, name="Plex Media Server", version="1.43.1.10611-1e34174b1", clock_skew_ms=0
    )


async def test_no_token_is_sent_to_a_server_that_may_be_another():
    http = answering(container(**IDENTITY))
    await identify(SERVER, http)
    assert [each.path for each in http.asked] == ["/identity"]
    assert "X-Plex-Token" not in http.asked[0].headers


@pytest.mark.parametrize("lacking", ["machineIdentifier", "version"])
async def test_a_server_without_id_or_version_is_not_taken(lacking):
    with pytest.raises(BackendProtocolError, match="no Plex Media Server; check the type and the url"):
        await identify(SERVER, answering(container(**{**IDENTITY, lacking: ""})))


async def test_another_program_is_no_plex_server():
    with pytest.raises(BackendProtocolError, match="no Plex Media Server"):
        await identify(SERVER, answering({"ServerName": "den", "Version": "10.11.6", "Id": "1"}))


async def test_a_page_that_is_not_found_is_told():
    with pytest.raises(BackendProtocolError, match="404: this is no Plex Media Server; check the type and the url"):
        await identify(SERVER, answering((404, b"<html><h1>404 Not Found</h1></html>")))


async def test_a_web_page_is_no_plex_server():
    with pytest.raises(BackendProtocolError, match="web page"):
        await identify(SERVER, answering(b"<html></html>"))


def test_a_plex_server_stamps_marks_and_lists_changes_without_unwatches():
    can = PlexBackend().capabilities(None)
    assert can.watch_date is WatchDate.STAMPED
    assert can.writes_position
    assert can.clears_position
    assert can.lists_changes
    assert not can.lists_unwatches
    assert not can.start_clears_watched
    assert not can.date_is_start
    assert can.page_size <= 1_000
