"""The tree of items: sections, movies, shows with seasons and episodes, music, photos, clips; files and the trash."""

from collections.abc import Callable, Iterator
from hashlib import md5
from uuid import UUID

from msgspec.structs import replace

from watchstate.testing import Title
from watchstate_plex.simulator.guids import NEW_AGENTS, Names, Place, name_part, name_title
from watchstate_plex.simulator.records import Item, Medium, Part, Section

_SECTION_KINDS = {"movies": "movie", "shows": "show", "music": "artist", "photos": "photo", "videos": "movie"}
_SCANNERS = {"movie": "Plex Movie", "show": "Plex TV Series", "artist": "Plex Music", "photo": "Plex Photo Scanner"}
_LEGACY_SCANNERS = {"movie": "Plex Movie Scanner", "show": "Plex Series Scanner"}
_NO_AGENT = "com.plexapp.agents.none"


class Library:
    """All sections and items. `revision` grows with every change."""

    def __init__(self, seed: str, now: Callable[[], int]) -> None:
        self._seed = seed
        self._now = now
        # Two servers give different keys, as two real ones do.
        self._last_key = int(self.make_id("first key")[:4], 16)
        self._last_file = 0
        self._paths: set[str] = set()
        self._children: dict[str, dict[str, Item]] = {}
        self._shows: dict[tuple[str, str], Item] = {}
        self._extras: dict[str, list[Item]] = {}
        self.sections: dict[str, Section] = {}
        self.items: dict[str, Item] = {}
        self.revision = 0

    def make_id(self, purpose: str) -> str:
        """Derive 32 digits."""
        return md5(f"{self._seed}/{purpose}".encode(), usedforsecurity=False).hexdigest()

    def _next_key(self) -> str:
        self._last_key += 1
        return str(self._last_key)

    def children(self, rating_key: str) -> list[Item]:
        """Return the direct children of an item, by number."""
        found = self._children.get(rating_key, {}).values()
        return sorted(found, key=lambda item: (item.index is None, item.index or 0))

    def leaves(self, item: Item) -> Iterator[Item]:
        """Yield the files below an item; a file is its own."""
        if item.kind not in {"show", "season", "artist", "album"}:
            yield item
            return
        for child in self.children(item.rating_key):
            yield from self.leaves(child)

    def parent(self, item: Item | None) -> Item | None:
        """Return the season of an episode, the show of a season."""
        return self.items.get(item.parent_key or "") if item is not None else None

    def ancestors(self, item: Item) -> list[Item]:
        """Return the season and show of an episode, the show of a season."""
        found: list[Item] = []
        parent = self.parent(item)
        while parent is not None:
            found.append(parent)
            parent = self.parent(parent)
        return found

    def extras(self, item: Item) -> list[Item]:
        """Return the clips that belong to an item."""
        return list(self._extras.get(item.rating_key, ()))

    # Sections

    def add_section(self, title: str, kind: str, *, agent: str | None = None, hidden: int = 0) -> Section:
        """Add a section of one of the kinds ``movies``, ``shows``, ``music``, ``photos``, ``videos``.

        `agent`: the identifier of the agent that names its items, like ``com.plexapp.agents.hama``. A server has no
        mixed sections.
        """
        of_kind = _SECTION_KINDS.get(kind)
        if of_kind is None:
            msg = f"Plex has no libraries of the kind {kind}: give one of {', '.join(_SECTION_KINDS)}"
            raise ValueError(msg)
        chosen = agent or (_NO_AGENT if kind in {"videos", "photos"} else NEW_AGENTS[of_kind])
        is_legacy = chosen.startswith("com.plexapp.agents.")
        section = Section(
            key=str(len(self.sections) + 1),
            kind=of_kind,
            title=title,
            agent=chosen,
            scanner=_LEGACY_SCANNERS.get(of_kind, _SCANNERS[of_kind]) if is_legacy else _SCANNERS[of_kind],
            uuid=str(UUID(self.make_id(f"section {len(self.sections)}"))),
            created_at=self._now(),
            hidden=hidden,
        )
        self.sections[section.key] = section
        self.revision += 1
        return section

    # Items

    def _insert(self, item: Item) -> Item:
        self.items[item.rating_key] = item
        self._children.setdefault(item.parent_key or "", {})[item.rating_key] = item
        self.revision += 1
        return item

    def _make(self, kind: str, section: Section, title: str, names: Names, *, rating_key: str) -> Item:
        now = self._now()
        return Item(
            rating_key=rating_key,
            kind=kind,
            section_key=section.key,
            title=title,
            guid=names.guid,
            external_ids=names.external_ids,
            added_at=now,
            updated_at=now,
        )

    def _file(self, path: str) -> Medium:
        self._last_file += 1
        self._paths.add(path)
        return Medium(media_id=self._last_file, parts=[Part(part_id=self._last_file, path=path)])

    def _free_path(self, stem: str, extension: str = "mkv") -> str:
        path, number = f"{stem}.{extension}", 1
        while path in self._paths:
            number += 1
            path = f"{stem} ({number}).{extension}"
        return path

    def add(self, section: Section, title: Title, *, edition: str | None = None) -> Item:
        """Add a movie, or an episode with the season and show that it needs.

        A file of several episodes is one item with the first number, and its name tells the range, as some scanners
        have it; see `add_shared_file` for the others.
        """
        item = self._movie(section, title, edition) if title.kind == "movie" else self._episode(section, title)
        item.runtime_ms = title.runtime_ms or None
        item.made_from = title
        return self._insert(item)

    def add_shared_file(self, section: Section, titles: list[Title], path: str) -> list[Item]:
        """Add a file of several episodes as Plex's own scanner does: an item for each, all with the same file."""
        return [self.add(section, replace(title, path=path)) for title in titles]

    def _movie(self, section: Section, title: Title, edition: str | None) -> Item:
        rating_key = self._next_key()
        folder = f"{title.title} ({title.year})" if title.year else title.title
        file = f"{folder} {{edition-{edition}}}" if edition else folder
        names = name_title(section.agent, "movie", title.ids, rating_key)
        item = self._make("movie", section, title.title, names, rating_key=rating_key)
        item.year, item.edition = title.year, edition
        item.media = [self._file(title.path or self._free_path(f"/media/{section.title}/{folder}/{file}"))]
        return item

    def _show(self, section: Section, title: Title) -> Item:
        known = self._shows.get((section.key, title.show))
        if known is not None:
            return known
        rating_key = self._next_key()
        names = name_title(section.agent, "show", title.show_ids, rating_key)
        show = self._make("show", section, title.show, names, rating_key=rating_key)
        show.index, show.year, show.made_from = 1, title.year, title
        self._shows[section.key, title.show] = show
        return self._insert(show)

    def _place(self, show: Item, title: Title) -> Place:
        ids = show.made_from.show_ids if show.made_from else {}
        number = title.episodes[0] if title.episodes else None
        return Place(show_ids=ids, show_guid=show.guid, season=title.season, episode=number)

    def _season(self, section: Section, show: Item, title: Title) -> Item:
        for known in self._children.get(show.rating_key, {}).values():
            if known.index == title.season:
                return known
        rating_key = self._next_key()
        place = replace(self._place(show, title), episode=None)
        names = name_part(section.agent, "season", {}, place, rating_key)
        word = "Specials" if title.season == 0 else f"Season {title.season}" if title.season else "Season"
        season = self._make("season", section, word, names, rating_key=rating_key)
        season.index, season.parent_key = title.season, show.rating_key
        return self._insert(season)

    def _episode(self, section: Section, title: Title) -> Item:
        show = self._show(section, title)
        season = self._season(section, show, title)
        rating_key = self._next_key()
        names = name_part(section.agent, "episode", title.ids, self._place(show, title), rating_key)
        item = self._make("episode", section, title.title, names, rating_key=rating_key)
        item.parent_key, item.year = season.rating_key, title.year
        item.index = title.episodes[0] if title.episodes else None
        numbers = "-".join(f"E{number:02d}" for number in title.episodes) or f" - {title.title}"
        file = f"{title.show} - S{title.season or 0:02d}{numbers}"
        folder = "Specials" if title.season == 0 else f"Season {title.season or 1:02d}"
        item.media = [self._file(title.path or self._free_path(f"/media/{section.title}/{title.show}/{folder}/{file}"))]
        return item

    def add_track(self, section: Section, artist: str, album: str, title: str) -> Item:
        """Add a song with the artist and album that it needs."""
        parent: Item | None = None
        for kind, name in (("artist", artist), ("album", album), ("track", title)):
            rating_key = self._next_key()
            names = Names(f"plex://{kind}/{self.make_id(f'{kind} {artist} {name}')[:24]}")
            item = self._make(kind, section, name, names, rating_key=rating_key)
            item.parent_key, item.index = parent.rating_key if parent else None, 1
            parent = self._insert(item)
        item.runtime_ms = 180_000
        item.media = [self._file(self._free_path(f"/media/{section.title}/{artist}/{album}/01 {title}", "flac"))]
        return item

    def add_photo(self, section: Section, title: str) -> Item:
        """Add a picture."""
        rating_key = self._next_key()
        item = self._make("photo", section, title, Names(f"local://{rating_key}"), rating_key=rating_key)
        item.media = [self._file(self._free_path(f"/media/{section.title}/{title}", "jpg"))]
        return self._insert(item)

    def add_clip(self, movie: Item, title: str) -> Item:
        """Add a trailer of a movie: it can be read and played, and is listed nowhere but with its movie."""
        rating_key = self._next_key()
        names = Names(f"iva://api.internetvideoarchive.com/2.0/DataService/VideoAssets({rating_key})")
        clip = self._make("clip", self.sections[movie.section_key], title, names, rating_key=rating_key)
        clip.extra_of, clip.runtime_ms, clip.index = movie.rating_key, 120_000, 1
        self._extras.setdefault(movie.rating_key, []).append(clip)
        return self._insert(clip)

    def add_recording(self, section: Section, title: Title) -> Item:
        """Add what the DVR recorded: matched, but without any external id."""
        item = self.add(section, title)
        item.is_recording, item.external_ids = True, ()
        return item

    # Files

    def add_version(self, item: Item, path: str) -> None:
        """Add another version of the same item."""
        item.media.append(self._file(path))
        self.touch(item)

    def add_disc(self, item: Item, path: str) -> None:
        """Add the next disc of the first version."""
        item.media[0].parts += self._file(path).parts
        self.touch(item)

    def touch(self, item: Item) -> None:
        """Note that the item's metadata changed."""
        item.updated_at = self._now()
        self.revision += 1

    def rename(self, item: Item, ids: dict[str, str]) -> None:
        """Give an item the names that other ids lead to, as a re-match does."""
        section = self.sections[item.section_key]
        season = self.parent(item)
        show = self.parent(season)
        if show is not None and item.made_from is not None:
            names = name_part(section.agent, item.kind, ids, self._place(show, item.made_from), item.rating_key)
        else:
            names = name_title(section.agent, item.kind, ids, item.rating_key)
        item.guid, item.external_ids = names.guid, names.external_ids
        if item.made_from is not None:
            item.made_from = replace(item.made_from, ids=ids)
        self.touch(item)

    def drop(self, item: Item) -> None:
        """Take an item out of the tree, and the season and show that this leaves empty."""
        del self.items[item.rating_key]
        del self._children[item.parent_key or ""][item.rating_key]
        self._paths.difference_update(part.path for medium in item.media for part in medium.parts)
        self.revision += 1
        for clip in self._extras.pop(item.rating_key, ()):
            self.drop(clip)
        self._shows.pop((item.section_key, item.title) if item.kind == "show" else ("", ""), None)
        parent = self.parent(item)
        if parent is not None and not self._children[parent.rating_key]:
            self.drop(parent)

    def bring_back(self, old: Item) -> Item:
        """Add a dropped file again: with the same guid, under a new key, and so are the season and show it needs."""
        title = old.made_from or Title(kind="movie", title=old.title)
        item = self.add(self.sections[old.section_key], title, edition=old.edition)
        if not old.guid.startswith("local://"):
            item.guid, item.external_ids = old.guid, old.external_ids
        return item

    def swap_keys(self, one: Item, other: Item) -> None:
        """Let two items of the same parent change keys, as a restored database may have it."""
        one.rating_key, other.rating_key = other.rating_key, one.rating_key
        for item in (one, other):
            self._insert(item)
