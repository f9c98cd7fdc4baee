"""The tree of items: libraries, movies and their versions, series, seasons, episodes, missing ones, box sets."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from watchstate.testing import Title
from watchstate_mediabrowser.simulator.records import Item
from watchstate_mediabrowser.simulator.wire import TICKS_PER_MS

_COLLECTION_TYPES = {"movies": "movies", "shows": "tvshows", "mixed": None}


def make_sort_name(name: str) -> str:
    """Return what a name is sorted by: lower case, without the article, numbers padded."""
    lowered = name.lower()
    for article in ("the ", "a ", "an "):
        lowered = lowered.removeprefix(article)
    return "".join(word.rjust(10, "0") if word.isdigit() else word for word in _split_digits(lowered))


def _split_digits(text: str) -> list[str]:
    words: list[str] = []
    for character in text:
        if words and words[-1][-1].isdigit() == character.isdigit():
            words[-1] += character
        else:
            words.append(character)
    return words


class Library(ABC):
    """All items. `revision` grows with every change."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.items: dict[str, Item] = {}
        self._children: dict[str, dict[str, Item]] = {}
        self._by_path: dict[tuple[str, str], Item] = {}
        self._dropped: dict[str, Item] = {}
        """Seasons and series that lost their last file."""
        self.revision = 0
        self.root_id = self.make_id("AggregateFolder", "/config/root")

    @abstractmethod
    def make_id(self, kind: str, path: str) -> str:
        """Return the id of what is new at a path."""

    @abstractmethod
    def spell_providers(self, ids: dict[str, str]) -> dict[str, str]:
        """Return provider ids under the names that the server gives them."""

    def children(self, item_id: str) -> list[Item]:
        """Return the direct children of a folder."""
        return list(self._children.get(item_id, {}).values())

    def leaves(self, folder: Item) -> Iterator[Item]:
        """Yield the movies and episodes below a folder, missing ones too."""
        if folder.kind == "BoxSet":
            yield from (item for item in self.items.values() if item.box_set_id == folder.item_id)
            return
        for child in self.children(folder.item_id):
            if child.is_folder:
                yield from self.leaves(child)
            else:
                yield child

    def episodes(self, folder: Item) -> list[Item]:
        """Return the episodes of a series or season, missing ones too, in the order of their numbers."""
        return sorted(self.leaves(folder), key=lambda each: (each.parent_index or 0, each.index or 0))

    def libraries(self) -> list[Item]:
        """Return the libraries, by name."""
        found = [item for item in self.items.values() if item.kind == "CollectionFolder"]
        return sorted(found, key=lambda item: item.sort_name)

    def insert(self, item: Item) -> Item:
        """Add an item to the tree."""
        self.items[item.item_id] = self._by_path[item.kind, item.path] = item
        self._children.setdefault(item.parent_id, {})[item.item_id] = item
        self.revision += 1
        return item

    def drop(self, item: Item) -> None:
        """Take an item out of the tree, and the season and series that this leaves empty."""
        del self.items[item.item_id]
        del self._by_path[item.kind, item.path]
        del self._children[item.parent_id][item.item_id]
        self.revision += 1
        parent = self.items.get(item.parent_id)
        if parent is not None and parent.kind in {"Season", "Series"} and not self._children[parent.item_id]:
            self._dropped[parent.item_id] = parent
            self.drop(parent)

    def bring_back(self, old: Item, path: str) -> Item:
        """Add a dropped file again, at another path and therefore as another item."""
        now = self._now()
        item = replace(old, item_id=self.make_id(old.kind, path), path=path, date_created=now, date_saved=now)
        self._bring_back_folder(item.series_id)
        self._bring_back_folder(item.season_id)
        return self.insert(item)

    def _bring_back_folder(self, item_id: str | None) -> None:
        if item_id is not None and item_id not in self.items:
            self.insert(self._dropped.pop(item_id))

    def _make(self, kind: str, name: str, path: str, library_id: str, parent_id: str) -> Item:
        now = self._now()
        return Item(
            item_id=self.make_id(kind, path),
            kind=kind,
            name=name,
            sort_name=make_sort_name(name),
            path=path,
            library_id=library_id,
            parent_id=parent_id,
            date_created=now,
            date_saved=now,
        )

    def add_library(self, name: str, kind: str) -> Item:
        """Add a library of one of the kinds ``movies``, ``shows``, ``mixed``."""
        item = self._make("CollectionFolder", name, f"/config/root/default/{name}", "", self.root_id)
        item.library_id = item.item_id
        item.collection_type = _COLLECTION_TYPES[kind]
        return self.insert(item)

    def _folder(self, kind: str, name: str, path: str, library_id: str, parent_id: str) -> Item:
        known = self._by_path.get((kind, path))
        return known or self.insert(self._make(kind, name, path, library_id, parent_id))

    def _series(self, library: Item, title: Title) -> Item:
        path = f"/media/{library.name}/{title.show}"
        series = self._folder("Series", title.show, path, library.item_id, library.item_id)
        series.provider_ids.update(self.spell_providers(title.show_ids))
        if series.year is None:
            series.year = title.year
        return series

    def _season(self, series: Item, number: int | None) -> Item:
        name = "Season Unknown" if number is None else "Specials" if number == 0 else f"Season {number}"
        season = self._folder("Season", name, f"{series.path}/{name}", series.library_id, series.item_id)
        season.index, season.series_id = number, series.item_id
        season.sort_name = f"{number or 0:04d} - {name}".lower()
        return season

    def add(self, library: Item, title: Title, *, is_virtual: bool = False) -> Item:
        """Add a movie, or an episode with the season and series that it needs."""
        item = self._movie(library, title) if title.kind == "movie" else self._episode(library, title)
        item.provider_ids = self.spell_providers(title.ids)
        item.year = title.year
        item.is_virtual = is_virtual
        item.runtime_ticks = title.runtime_ms * TICKS_PER_MS or None
        return self.insert(item)

    def _free_path(self, kind: str, title: Title, usual: str) -> str:
        """Return the path of a new file; a second copy without a path of its own goes elsewhere."""
        path = title.path or usual
        if (kind, path) not in self._by_path:
            return path
        if title.path is not None:
            msg = f"there is a file at {path} already"
            raise ValueError(msg)
        return f"/copy/{self.revision}{path}"

    def _movie(self, library: Item, title: Title) -> Item:
        folder = f"{title.title} ({title.year})" if title.year else title.title
        path = self._free_path("Movie", title, f"/media/{library.name}/{folder}/{folder}.mkv")
        return self._make("Movie", title.title, path, library.item_id, library.item_id)

    def _episode(self, library: Item, title: Title) -> Item:
        series = self._series(library, title)
        season = self._season(series, title.season)
        numbers = "-".join(f"E{number:02d}" for number in title.episodes) or f" {title.title}"
        name = f"{title.show} S{title.season or 0:02d}{numbers}.mkv"
        path = self._free_path("Episode", title, f"{season.path}/{name}")
        item = self._make("Episode", title.title, path, library.item_id, season.item_id)
        item.series_id, item.season_id = series.item_id, season.item_id
        item.parent_index = title.season
        if title.episodes:
            item.index = title.episodes[0]
            item.index_end = title.episodes[-1] if len(title.episodes) > 1 else None
        item.sort_name = f"{item.parent_index or 0:03d} - {item.index or 0:04d} - {title.title}".lower()
        return item

    def add_version(self, movie: Item, path: str) -> Item:
        """Add another file of the same movie, merged with it."""
        version = self._make("Movie", movie.name, path, movie.library_id, movie.parent_id)
        version.provider_ids, version.year = dict(movie.provider_ids), movie.year
        version.runtime_ticks = movie.runtime_ticks
        version.version_of = movie.item_id
        movie.versions.append(version.item_id)
        return self.insert(version)

    def versions(self, movie: Item) -> list[Item]:
        """Return a movie and the other files that are merged with it, as far as they are there."""
        return [movie, *(self.items[each] for each in movie.versions if each in self.items)]

    def all_versions(self, item: Item) -> list[Item]:
        """Return all files of the movie that an item is one of, the first one first."""
        return self.versions(self.items[item.version_of] if item.version_of else item)

    def add_box_set(self, name: str, members: list[Item]) -> Item:
        """Add a collection of movies."""
        folder = self._folder("CollectionFolder", "Collections", "/config/data/collections", "", self.root_id)
        folder.library_id, folder.collection_type = folder.item_id, "boxsets"
        path = f"/config/data/collections/{name} [boxset]"
        box_set = self.insert(self._make("BoxSet", name, path, folder.item_id, folder.item_id))
        for member in members:
            member.box_set_id = box_set.item_id
        return box_set
