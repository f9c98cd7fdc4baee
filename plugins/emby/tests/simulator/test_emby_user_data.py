import pytest

from watchstate_mediabrowser.simulator.states import Patch

WHOLE = {
    "Played": True,
    "PlayCount": 3,
    "PlaybackPositionTicks": 18_000_000_000,
    "IsFavorite": True,
    "LastPlayedDate": "2024-04-01T20:00:00.0000000Z",
    "Rating": 7.5,
}


async def write(home, document, entry_id=None, status=None):
    response = await home.ask("POST", f"/Users/{{}}/Items/{entry_id or home.movie}/UserData", json=document)
    assert response.content == b""
    assert response.status_code in ((200, 204) if status is None else (status,))
    return await home.user_data(entry_id or home.movie)


@pytest.fixture
def known_home(any_home):
    patch = Patch(
        played=True, play_count=3, position_ticks=18_000_000_000, is_favorite=True, rating=7.5,
        last_played=17_120_016_000_000_000,
    )  # fmt: skip
    any_home.server.set_state(any_home.alice, any_home.movie, patch)
    return any_home


async def test_all_of_it_is_stored_as_it_is_sent(any_home):
    assert (await write(any_home, WHOLE)).items() >= WHOLE.items()


@pytest.mark.parametrize(("version", "status"), [("4.8.11.0", 200), ("4.9.5.0", 204), ("4.10.0.23", 204)])
async def test_the_answer_is_empty(make, version, status):
    await write(make(version), WHOLE, status=status)


async def test_an_omitted_flag_is_false(known_home):
    assert not (await write(known_home, {**WHOLE, "Played": None}))["Played"]
    assert not (await write(known_home, {"PlaybackPositionTicks": 7}))["Played"]


@pytest.mark.parametrize(
    ("name", "empty"), [("IsFavorite", False), ("PlaybackPositionTicks", 0), ("Played", False)], ids=str
)
async def test_what_cannot_be_null_is_reset_when_it_is_omitted(known_home, name, empty):
    sent = {key: value for key, value in WHOLE.items() if key != name}
    assert (await write(known_home, sent))[name] == empty


@pytest.mark.parametrize(("version", "survives"), [("4.8.11.0", True), ("4.9.5.0", True), ("4.10.0.23", False)])
async def test_count_date_and_rating_survive_omission_only_up_to_4_9(make, version, survives):
    home = make(version)
    await write(home, WHOLE)
    state = await write(home, {"Played": True})
    kept = [state.get(name) for name in ("PlayCount", "LastPlayedDate", "Rating")]
    assert kept == ([3, WHOLE["LastPlayedDate"], 7.5] if survives else [0, None, None])


async def test_an_unmark_may_keep_count_and_date(known_home):
    state = await write(known_home, {**WHOLE, "Played": False, "PlaybackPositionTicks": 0})
    assert (state["Played"], state["PlayCount"], state["LastPlayedDate"]) == (False, 3, WHOLE["LastPlayedDate"])


async def test_a_position_is_stored_to_the_tick_and_knows_no_thresholds(home):
    state = await write(home, {"PlaybackPositionTicks": 53_999_999_999})
    assert (state["PlaybackPositionTicks"], state["Played"]) == (53_999_999_999, False)


async def test_a_date_is_stored_in_whole_seconds(home):
    state = await write(home, {**WHOLE, "LastPlayedDate": "2024-04-01T22:00:00.7891234+02:00"})
    assert state["LastPlayedDate"] == "2024-04-01T20:00:00.0000000Z"


async def test_what_is_derived_or_unknown_is_ignored(home):
    state = await write(home, {**WHOLE, "PlayedPercentage": 1, "UnplayedItemCount": 3, "Key": "x", "Nonsense": {}})
    assert state["PlayedPercentage"] == pytest.approx(100 / 3)
    assert {"Key", "ItemId", "UnplayedItemCount"}.isdisjoint(state)


async def test_names_have_no_case_and_numbers_may_be_texts(home):
    assert (await write(home, {"playCOUNT": "3"}))["PlayCount"] == 3


@pytest.mark.parametrize("document", [{"Played": "yes"}, {"PlayCount": "many"}, {"LastPlayedDate": "soon"}])
async def test_a_property_of_the_wrong_type_is_refused_in_text(home, document):
    response = await home.ask("POST", f"/Users/{{}}/Items/{home.movie}/UserData", json=document)
    assert (response.status_code, response.headers["content-type"]) == (400, "text/plain")


async def test_a_write_to_a_folder_does_not_reach_its_files(home):
    await home.ask("POST", f"/Users/{{}}/Items/{await home.series_id()}/UserData", json={"Played": True})
    assert not home.server.state(home.alice, home.episodes[0]).watched


async def test_a_write_is_one_persons_own(home):
    await write(home, WHOLE)
    assert not home.server.state(home.bob, home.movie).watched


async def test_a_key_without_a_user_has_nobodys_state_to_write(home):
    response = await home.ask("POST", f"/Users/{'1' * 32}/Items/{home.movie}/UserData", token=home.server.admin_token)
    assert response.status_code == 404
