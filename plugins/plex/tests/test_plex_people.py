"""The people of a server, as plex.tv tells them."""

import msgspec
import pytest
from plugins.plex.tests.canned import MACHINE, SERVER, CannedHttp, Refusal, container

from watchstate.api import BackendAuthError, BackendProtocolError, BackendRateLimited, CommonOptions, Secret, User
from watchstate_plex import markup
from watchstate_plex.options import PlexOptions, plex_tv_of
from watchstate_plex.people import list_users

PLEX_TV = "https://plex.tv"
RESOURCES = "/api/v2/resources"
SHARED = f"/api/servers/{MACHINE}/shared_servers"
ASK_FOR_TOKEN = "plex.tv gives no token for this user; give it its own token"


def resource(token="owners-own", *, owned=True, machine=MACHINE):
    return {"name": "Box", "provides": "server", "clientIdentifier": machine, "owned": owned, "accessToken": token}


def member(number, **more):
    return {"id": number, "uuid": f"uuid-{number}", "title": f"Member {number}", "admin": False, **more}


def users_xml(*rows):
    return f"<MediaContainer>{''.join(rows)}</MediaContainer>".encode()


def user_xml(number, machine=MACHINE, pending="0"):
    share = f'<Server machineIdentifier="{machine}" pending="{pending}"/>'
    return f'<User id="{number}" title="Friend {number}" username="" email="x@example.com">{share}</User>'


def shares_xml(**tokens):
    rows = (f'<SharedServer userID="{key[1:]}" accessToken="{token}"/>' for key, token in tokens.items())
    return f"<MediaContainer>{''.join(rows)}</MediaContainer>".encode()


def plex_tv(**changes):
    """Make a server whose plex.tv knows an owner without home and friends, but for the changes."""
    answers = {
        RESOURCES: [[resource(machine="another", owned=False), resource()]],
        "/api/v2/user": [{"id": 5, "username": "boss", "title": "Boss", "friendlyName": ""}],
        "/api/v2/home/users/": [{"users": []}],
        "/api/users/": [users_xml()],
        SHARED: [shares_xml()],
    }
    http = CannedHttp({"/identity": [container(machineIdentifier=MACHINE, version="1.43")]})
    http.others[PLEX_TV] = CannedHttp({**answers, **changes}, where="den")
    return http


async def ask(http, server=SERVER):
    return await list_users(server, http)


OWNER = User(user_id="1", name="boss", is_admin=True)


async def test_the_owner_is_1_and_acts_with_the_servers_token():
    assert await ask(plex_tv()) == (OWNER,)


async def test_the_token_travels_in_a_header_and_every_request_says_who_asks():
    http = plex_tv()
    await ask(http)
    for asked in http.others[PLEX_TV].asked:
        assert asked.headers["X-Plex-Token"] == "owners"
        assert asked.headers["X-Plex-Client-Identifier"] == "watchstate"
        assert "owners" not in str(asked.query)


async def test_members_of_the_home_are_switched_to_one_after_the_other():
    home = {"users": [member(5, admin=True), member(6), member(7)]}
    http = plex_tv(
        **{
            "/api/v2/home/users/": [home],
            RESOURCES: [[resource()], [resource("six", owned=False)], [resource("seven", owned=False)]],
            "/api/v2/home/users/uuid-6/switch": [(201, {"authToken": "plex-tv-six"})],
            "/api/v2/home/users/uuid-7/switch": [(201, {"authToken": "plex-tv-seven"})],
        }
    )
    assert await ask(http) == (
        OWNER,
        User(user_id="6", name="Member 6", token=Secret("six")),
        User(user_id="7", name="Member 7", token=Secret("seven")),
    )
    switches = [each for each in http.others[PLEX_TV].asked if each.method == "POST"]
    assert [each.path for each in switches] == [f"/api/v2/home/users/uuid-{n}/switch" for n in (6, 7)]
    asked = [each for each in http.others[PLEX_TV].asked if each.path == RESOURCES]
    assert [each.headers["X-Plex-Token"] for each in asked] == ["owners", "plex-tv-six", "plex-tv-seven"]


async def test_a_member_whose_token_the_share_tells_needs_no_switch():
    home = {"users": [member(6, protected=True)]}
    http = plex_tv(**{"/api/v2/home/users/": [home], SHARED: [shares_xml(u6="six")]})
    assert (await ask(http))[1] == User(user_id="6", name="Member 6", token=Secret("six"))
    assert {each.method for each in http.others[PLEX_TV].asked} == {"GET"}


async def test_a_member_with_a_pin_is_listed_and_says_what_is_missing():
    http = plex_tv(**{"/api/v2/home/users/": [{"users": [member(6, protected=True)]}]})
    (_, child) = await ask(http)
    assert (child.token, "PIN" in child.note) == (None, True)
    assert {each.method for each in http.others[PLEX_TV].asked} == {"GET"}, "no PIN is guessed"


async def test_a_switch_that_is_refused_is_no_failure():
    http = plex_tv(
        **{
            "/api/v2/home/users/": [{"users": [member(6)]}],
            "/api/v2/home/users/uuid-6/switch": [Refusal(403)],
        }
    )
    assert (await ask(http))[1] == User(user_id="6", name="Member 6", note=ASK_FOR_TOKEN)


async def test_a_member_without_this_server_is_listed_and_says_so():
    http = plex_tv(
        **{
            "/api/v2/home/users/": [{"users": [member(6)]}],
            "/api/v2/home/users/uuid-6/switch": [(201, {"authToken": "six"})],
            RESOURCES: [[resource()], []],
        }
    )
    assert (await ask(http))[1].note == "has no access to this server"


async def test_friends_with_whom_this_server_is_shared_are_listed_with_their_tokens():
    people = users_xml(user_xml(8), user_xml(9, machine="another"), user_xml(10, pending="1"))
    http = plex_tv(**{"/api/users/": [people], SHARED: [shares_xml(u8="eight")]})
    assert await ask(http) == (OWNER, User(user_id="8", name="Friend 8", token=Secret("eight")))


async def test_who_is_in_the_home_and_a_friend_is_one_person():
    http = plex_tv(
        **{
            "/api/v2/home/users/": [{"users": [member(8)]}],
            "/api/users/": [users_xml(user_xml(8), user_xml(5))],
            SHARED: [shares_xml(u8="eight")],
        }
    )
    assert [user.user_id for user in await ask(http)] == ["1", "8"]


@pytest.mark.parametrize("refusal", [Refusal(401), Refusal(403), (404, b""), (410, b'<Response code="410"/>')])
async def test_friends_whose_tokens_plex_tv_keeps_are_told_to_give_their_own(refusal):
    http = plex_tv(**{"/api/users/": [users_xml(user_xml(8))], SHARED: [refusal]})
    assert (await ask(http))[1] == User(user_id="8", name="Friend 8", note=ASK_FOR_TOKEN)


async def test_a_share_without_a_token_is_told_too():
    people = users_xml(user_xml(8))
    http = plex_tv(**{"/api/users/": [people], SHARED: [users_xml('<SharedServer userID="8"/>')]})
    assert (await ask(http))[1].note == ASK_FOR_TOKEN


@pytest.mark.parametrize("refusal", [Refusal(401), Refusal(403), (410, b"")])
async def test_without_friends_the_home_is_still_listed(refusal):
    http = plex_tv(
        **{
            "/api/v2/home/users/": [{"users": [member(6)]}],
            "/api/users/": [refusal],
            SHARED: [shares_xml(u6="six")],
        }
    )
    assert [user.user_id for user in await ask(http)] == ["1", "6"]


async def test_an_owner_without_a_home_is_listed_alone():
    assert await ask(plex_tv(**{"/api/v2/home/users/": [Refusal(403)]})) == (OWNER,)


@pytest.mark.parametrize("resources", [[], [resource(owned=False)], [resource(machine="another")]])
async def test_who_does_not_own_the_server_lists_nobody_and_is_told_so(resources):
    with pytest.raises(BackendAuthError, match="doesn't own this server; give it the token of the Plex account"):
        await ask(plex_tv(**{RESOURCES: [resources]}))


async def test_a_token_that_plex_tv_does_not_know_is_told():
    with pytest.raises(BackendAuthError, match=r"plex\.tv refuses the token; give it the token of the Plex account"):
        await ask(plex_tv(**{RESOURCES: [Refusal(401)]}))


@pytest.mark.parametrize("body", [b"<html><p>", b"", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"{}"])
async def test_an_answer_that_is_no_xml_is_an_error(body):
    with pytest.raises(BackendProtocolError, match="XML"):
        await ask(plex_tv(**{"/api/users/": [body]}))


async def test_an_answer_of_another_shape_is_an_error():
    with pytest.raises(BackendProtocolError):
        await ask(plex_tv(**{"/api/v2/user": [{"id": None}]}))


async def test_another_failure_of_plex_tv_is_an_error():
    with pytest.raises(BackendProtocolError, match="status 418"):
        await ask(plex_tv(**{"/api/v2/home/users/": [(418, b"")]}))


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"friendlyName": "Mum", "username": "u", "title": "t"}, "Mum"),
        ({"friendlyName": "", "username": "u", "title": "t"}, "u"),
        ({"username": "", "title": "t"}, "t"),
        ({"username": None, "title": "", "email": "e@example.com"}, "e@example.com"),
        ({}, "5"),
    ],
)
async def test_a_person_has_the_best_name_there_is(names, name):
    (owner,) = await ask(plex_tv(**{"/api/v2/user": [{"id": 5, **names}]}))
    assert owner.name == name


async def test_plex_tv_can_be_elsewhere():
    server = msgspec.structs.replace(SERVER, options=PlexOptions(plex_tv="http://cloud.test"))
    http = plex_tv()
    http.others = {"http://cloud.test": http.others[PLEX_TV]}
    assert await ask(http, server) == (OWNER,)


def test_without_its_own_options_plex_tv_is_where_it_is():
    assert plex_tv_of(msgspec.structs.replace(SERVER, options=CommonOptions())) == PLEX_TV


def test_control_characters_and_line_ends_in_attributes_do_no_harm():
    element = markup.parse(b'<a><User title="two&#xD;&#xA;lines &amp; more"/></a>')
    assert element.each("User")[0].attributes == {"title": "two\r\nlines & more"}


# What is known already, and patience


def home_of(*numbers, **answers):
    """Make a plex.tv with these members in the home, each with a token at a switch."""
    shares = [resource(f"own-{number}", owned=False) for number in numbers]
    switches = {f"/api/v2/home/users/uuid-{n}/switch": [(201, {"authToken": f"plex-tv-{n}"})] for n in numbers}
    home = {"/api/v2/home/users/": [{"users": [member(number) for number in numbers]}]}
    return plex_tv(**{**home, RESOURCES: [[resource()], *([share] for share in shares)], **switches, **answers})


def switched(http):
    return [each.path.split("/")[-2] for each in http.others[PLEX_TV].asked if each.method == "POST"]


async def test_a_token_that_is_known_is_not_asked_for():
    http = home_of(6, 7, **{RESOURCES: [[resource()], [resource("seven", owned=False)]]})
    known = [User(user_id="6", name="An older name", token=Secret("six"))]
    assert await list_users(SERVER, http, known) == (
        OWNER,
        User(user_id="6", name="Member 6", token=Secret("six")),
        User(user_id="7", name="Member 7", token=Secret("seven")),
    )
    assert switched(http) == ["uuid-7"]


async def test_a_token_that_plex_tv_tells_by_itself_replaces_the_known_one():
    http = plex_tv(**{"/api/users/": [users_xml(user_xml(8))], SHARED: [shares_xml(u8="new")]})
    known = [User(user_id="8", name="Friend 8", token=Secret("old"))]
    assert (await list_users(SERVER, http, known))[1].token == Secret("new")


async def test_a_person_who_is_known_without_a_token_is_asked_for_again():
    http = home_of(6)
    known = [User(user_id="6", name="Member 6", note="plex.tv gives no token for this user")]
    assert (await list_users(SERVER, http, known))[1] == User(user_id="6", name="Member 6", token=Secret("own-6"))


async def test_who_has_left_is_not_listed_whatever_is_known_of_them():
    known = [User(user_id="6", name="Member 6", token=Secret("six"))]
    assert await list_users(SERVER, plex_tv(), known) == (OWNER,)


@pytest.mark.parametrize("path", ["/api/users/", "/api/v2/home/users/"])
async def test_who_is_not_told_this_time_is_not_gone(path):
    known = [User(user_id="6", name="Member 6", token=Secret("six")), User(user_id="7", name="Seven", note="none")]
    assert await list_users(SERVER, plex_tv(**{path: [Refusal(403)]}), known) == (OWNER, known[0])


@pytest.mark.parametrize("where", ["/api/v2/home/users/uuid-7/switch", RESOURCES])
async def test_out_of_patience_everybody_is_listed_and_nobody_else_is_asked_for(where):
    patience = Refusal(429)
    answers = {where: [patience]}
    if where == RESOURCES:
        answers = {RESOURCES: [[resource()], [resource("own-6", owned=False)], patience]}
    http = home_of(6, 7, 8, **answers)
    _, six, seven, eight = await list_users(SERVER, http)
    assert six.token == Secret("own-6")
    assert (seven.token, eight.token) == (None, None)
    assert "plex.tv asks for patience" in seven.note
    assert seven.note == eight.note
    assert switched(http) == ["uuid-6", "uuid-7"]


@pytest.mark.parametrize("path", ["/api/v2/user", "/api/v2/home/users/", "/api/users/", SHARED])
async def test_out_of_patience_before_anybody_is_known_is_an_error(path):
    with pytest.raises(BackendRateLimited):
        await list_users(SERVER, home_of(6, **{path: [Refusal(429)]}))
