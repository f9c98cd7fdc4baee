import pytest

from watchstate.storage import finding


@pytest.mark.parametrize("key", ["movie:imdb:tt12", "episode:imdb:tt12", "show:imdb:tt12:1:2"])
def test_items_are_found_by_a_provider_id_of_theirs_or_their_show(shelf, key):
    item = shelf.item()
    shelf.entry("one", item, keys=[key, "movie:tmdb:1"])
    shelf.entry("two", item, keys=[key])
    shelf.entry("other", shelf.item(), keys=["movie:imdb:tt123", "show:imdb:tt123:1:2", "show:imdb:tt1:12:1"])

    assert [found.item_id for found in finding.items_by_key(shelf.conn, "imdb:tt12")] == [item]


def test_a_percent_sign_in_a_provider_id_is_no_wildcard(shelf):
    shelf.entry("one", shelf.item(), keys=["show:imdb:tt1:1:2"])

    assert finding.items_by_key(shelf.conn, "imdb:%") == []
