"""What may happen to one title on two servers of whatever kinds, and how it has to end.

A story is a generator: each `yield` is a full round of watchstate and ten minutes. It returns how each entry must stand
in the end: watched or not, and perhaps at which minute. Entries of A are called a, a2, …; those of B b, b2, ….
"""

from collections.abc import Callable, Generator

from tests.engine.home import DAY, Home, Place, episode, movie
from tests.engine.stage import JELLYFIN_12, MINUTE, PLEX, Kind

End = dict[str, "bool | tuple[bool, int]"]
Story = Callable[["Scene"], Generator[None, None, End]]


class Scene:
    """The entries of one title, or of one show, and the hands of the person in front of both servers."""

    def __init__(self, home: Home, number: int, kind_of_a: Kind) -> None:
        self.home, self.number = home, number
        self.a_keeps_flag = kind_of_a in (PLEX, JELLYFIN_12)
        self.entries: dict[str, str] = {}

    def place(self, name: str) -> Place:
        return self.home[name[0]]

    def films(self, *names: str) -> None:
        """Put the film on the servers, in a folder of its own for each entry."""
        for name in names:
            title = movie(self.number, path=f"/films/{name}/Film {self.number}.mkv")
            self.entries[name] = self.place(name).add(title)

    def episodes(self, **numbers: tuple[int, ...]) -> None:
        """Put episodes of a show on the servers: name=the numbers that the file carries."""
        show = f"Show {self.number}"
        for name, carried in numbers.items():
            file = f"{show} S01{'-'.join(f'E{number:02d}' for number in carried)}"
            title = episode(1, carried[0], show, episodes=carried, path=f"/shows/{show}/{file}.mkv")
            self.entries[name] = self.place(name).add(title)

    def mark(self, name: str, *, at: int | None = None) -> None:
        self.place(name).watch(self.entries[name], at=at)

    def unmark(self, name: str) -> None:
        self.place(name).unwatch(self.entries[name])

    def start(self, name: str) -> None:
        self.place(name).simulator.start(self.place(name).user, self.entries[name])

    def stop(self, name: str, minutes: float | None) -> None:
        position = None if minutes is None else int(minutes * MINUTE)
        self.place(name).simulator.stop(self.place(name).user, self.entries[name], position_ms=position)

    def play(self, name: str, minutes: float | None = None) -> None:
        """Play to this minute, or to the end."""
        self.start(name)
        self.home.clock.pass_time(MINUTE)
        self.stop(name, minutes)

    def remove(self, name: str) -> None:
        self.place(name).simulator.remove(self.entries[name])

    def restore(self, name: str, *, keeps_state: bool = False) -> None:
        self.entries[name] = self.place(name).simulator.restore(self.entries[name], keeps_state=keeps_state)

    def shows(self, name: str, wanted: "bool | tuple[bool, int]") -> "bool | tuple[bool, int]":
        state = self.place(name).shows_state(self.entries[name])
        return state.watched if isinstance(wanted, bool) else (state.watched, (state.position_ms or 0) // MINUTE)


def watched(scene: Scene):
    scene.films("a", "b")
    yield
    scene.play("a")
    yield
    return {"a": (True, 0), "b": (True, 0)}


def watched_before_anyone_looked(scene: Scene):
    scene.films("a", "b")
    scene.mark("a", at=scene.home.clock() - 400 * DAY)
    scene.play("b")
    yield
    return {"a": True, "b": True}


def unmarked_where_it_was_watched(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    scene.unmark("a")
    yield
    return {"a": False, "b": False}


def unmarked_where_we_marked_it(scene: Scene):
    scene.films("a", "b")
    scene.mark("a", at=scene.home.clock() - 400 * DAY)
    yield
    scene.unmark("b")
    yield
    return {"a": False, "b": False}


def unmarked_and_watched_again_elsewhere(scene: Scene):
    scene.films("a", "b")
    scene.play("b")
    yield
    scene.unmark("b")
    yield
    scene.play("a")
    yield
    return {"a": True, "b": True}


def unmarked_and_watched_again_between_two_looks(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    scene.unmark("a")
    scene.play("b")
    yield
    return {"a": True, "b": True}


def watched_twice(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    scene.play("a", 30)
    yield
    scene.play("a")
    yield
    return {"a": (True, 0), "b": (True, 0)}


def watching_again_and_unmarked_there(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    scene.play("a", 30)
    yield
    scene.unmark("a")
    yield
    return {"a": (False, 0), "b": (False, 0)}


def watching_again_and_unmarked_elsewhere(scene: Scene):
    scene.films("a", "b")
    scene.play("b")
    yield
    yield
    scene.play("a", 30)
    yield
    scene.unmark("b")
    yield
    return {"a": False, "b": (False, 0)}


def watching_again_where_we_marked_it(scene: Scene):
    scene.films("a", "b")
    scene.play("b")
    yield
    scene.play("a", 30)
    yield
    return {"a": (scene.a_keeps_flag, 30), "b": (True, 0)}


def a_mere_start_of_a_watched_film(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    scene.play("a", 0.5)
    yield
    return {"a": scene.a_keeps_flag, "b": (True, 0)}


def unmarked_elsewhere_while_it_plays_again(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    yield
    scene.start("a")
    scene.unmark("b")
    yield
    scene.stop("a", 30)
    yield
    return {"a": False, "b": False}


def half_watched(scene: Scene):
    scene.films("a", "b")
    yield
    scene.play("a", 45)
    yield
    return {"a": (False, 45), "b": (False, 45)}


def half_watched_and_wound_back_elsewhere(scene: Scene):
    scene.films("a", "b")
    scene.play("a", 45)
    yield
    yield
    scene.play("b", 20)
    yield
    return {"a": (False, 20), "b": (False, 20)}


def half_watched_and_finished_elsewhere(scene: Scene):
    scene.films("a", "b")
    scene.play("a", 45)
    yield
    yield
    scene.play("b")
    yield
    return {"a": (True, 0), "b": (True, 0)}


def half_watched_then_watched_then_unmarked(scene: Scene):
    scene.films("a", "b")
    scene.play("a", 45)
    yield
    yield
    scene.play("a")
    yield
    scene.unmark("b")
    yield
    return {"a": (False, 0), "b": (False, 0)}


def looked_into_for_half_a_minute(scene: Scene):
    scene.films("a", "b")
    yield
    scene.play("a", 0.5)
    yield
    return {"a": False, "b": (False, 0)}


def watched_but_for_the_credits(scene: Scene):
    scene.films("a", "b")
    scene.play("a", 115)
    yield
    return {"a": (True, 0), "b": (True, 0)}


def a_replaced_file(scene: Scene):
    scene.films("a", "b")
    scene.play("b")
    yield
    scene.place("a").simulator.replace_file(scene.entries["a"])
    yield
    return {"a": True, "b": True}


def a_replaced_file_of_what_was_unmarked_meanwhile(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    scene.place("a").simulator.replace_file(scene.entries["a"])
    scene.unmark("b")
    yield
    return {"a": False, "b": False}


def a_rebuilt_library_that_forgot(scene: Scene):
    scene.films("a", "b")
    scene.play("a")
    yield
    scene.remove("a")
    yield
    scene.restore("a")
    yield
    return {"a": True, "b": True}


def a_rebuilt_library_that_remembers_our_mark(scene: Scene):
    scene.films("a", "b")
    scene.play("b")
    yield
    scene.remove("a")
    scene.unmark("b")
    yield
    scene.restore("a", keeps_state=True)
    yield
    return {"a": False, "b": False}


def two_copies(scene: Scene):
    scene.films("a", "b", "b2")
    yield
    scene.play("a")
    yield
    return {"a": True, "b": True, "b2": True}


def two_copies_of_which_one_is_unmarked(scene: Scene):
    scene.films("a", "b", "b2")
    scene.play("a")
    yield
    yield
    scene.unmark("b2")
    yield
    return {"a": False, "b": False, "b2": False}


def two_episodes_in_one_file_there(scene: Scene):
    scene.episodes(a=(1,), a2=(2,), b=(1, 2))
    scene.play("a")
    yield
    assert scene.shows("b", wanted=False) is False
    scene.play("a2")
    yield
    return {"a": True, "a2": True, "b": True}


def two_episodes_in_one_file_there_and_one_is_unmarked(scene: Scene):
    scene.episodes(a=(1,), a2=(2,), b=(1, 2))
    scene.play("b")
    yield
    yield
    scene.unmark("a2")
    yield
    return {"a": True, "a2": False, "b": False}


def two_episodes_in_one_file_that_is_unmarked(scene: Scene):
    scene.episodes(a=(1, 2), b=(1,), b2=(2,))
    scene.play("a")
    yield
    yield
    scene.unmark("a")
    yield
    return {"a": False, "b": False, "b2": False}


STORIES: tuple[Story, ...] = (
    watched,
    watched_before_anyone_looked,
    unmarked_where_it_was_watched,
    unmarked_where_we_marked_it,
    unmarked_and_watched_again_elsewhere,
    unmarked_and_watched_again_between_two_looks,
    watched_twice,
    watching_again_and_unmarked_there,
    watching_again_and_unmarked_elsewhere,
    watching_again_where_we_marked_it,
    a_mere_start_of_a_watched_film,
    half_watched,
    half_watched_and_wound_back_elsewhere,
    half_watched_and_finished_elsewhere,
    half_watched_then_watched_then_unmarked,
    looked_into_for_half_a_minute,
    watched_but_for_the_credits,
    a_replaced_file,
    a_replaced_file_of_what_was_unmarked_meanwhile,
    a_rebuilt_library_that_forgot,
    a_rebuilt_library_that_remembers_our_mark,
    two_copies,
    two_copies_of_which_one_is_unmarked,
    two_episodes_in_one_file_there,
    two_episodes_in_one_file_there_and_one_is_unmarked,
    two_episodes_in_one_file_that_is_unmarked,
    unmarked_elsewhere_while_it_plays_again,  # the last one: there is one screen, and what is played later stops it
)
