"""What a row carries besides its attributes: its files, pictures, ids and places."""

from typing import Any

from watchstate_plex.simulator.records import Item, Medium, Section
from watchstate_plex.simulator.wire import Element

_PICTURE = {
    "bitrate": 3250,
    "width": 1280,
    "height": 720,
    "aspectRatio": 1.78,
    "audioChannels": 2,
    "audioCodec": "aac",
    "videoCodec": "h264",
    "videoResolution": "720",
    "videoFrameRate": "24p",
    "videoProfile": "high",
}


def media(item: Item) -> list[Element]:
    """Return the versions of an item with their files."""
    return [_medium(item, each) for each in item.media]


def _medium(item: Item, medium: Medium) -> Element:
    container = medium.parts[0].path.rpartition(".")[2]
    attributes: dict[str, Any] = {"id": medium.media_id, "duration": item.runtime_ms, **_PICTURE}
    parts = [
        Element(
            name="Part",
            attributes={
                "id": part.part_id,
                "key": f"/library/parts/{part.part_id}/{item.added_at or 0}/file.{container}",
                "duration": item.runtime_ms,
                "file": part.path,
                "size": 1_000_000_000,
                "container": container,
                "videoProfile": "high",
            },
        )
        for part in medium.parts
    ]
    return Element(name="Media", attributes=attributes | {"container": container}, children=parts)


def guids(item: Item) -> list[Element]:
    """Return the external ids of an item; a legacy agent leaves none."""
    return [Element(name="Guid", attributes={"id": each}) for each in item.external_ids]


def pictures(item: Item) -> list[Element]:
    """Return what newer servers add to decorate an item."""
    cover = {"alt": item.title, "type": "coverPoster", "url": picture(item, "thumb")}
    background = {"alt": item.title, "type": "background", "url": picture(item, "art")}
    corners = ("topLeft", "topRight", "bottomRight", "bottomLeft")
    return [
        Element(name="Image", attributes=cover),
        Element(name="Image", attributes=background),
        Element(name="UltraBlurColors", attributes=dict.fromkeys(corners, "0404f7"), is_single=True),
    ]


def picture(item: Item, name: str) -> str:
    """Return where a picture of an item is."""
    return f"/library/metadata/{item.rating_key}/{name}/{item.updated_at}"


def location(section: Section, show: Item) -> Element:
    """Return where a show's files are."""
    return Element(name="Location", attributes={"path": f"/media/{section.title}/{show.title}"})


def channel() -> Element:
    """Return where a recording comes from."""
    return Element(name="Channel", attributes={"id": 1, "tag": "001 SIM"})
