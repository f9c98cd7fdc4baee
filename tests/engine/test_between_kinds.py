"""Every story between servers of every two kinds: it ends as it has to, and then nothing is written any more.

All stories of two kinds happen in one household, each with a title of its own.
"""

import inspect

from tests.engine import stories
from tests.engine.stage import EMBY, EMBY_IN_PART, JELLYFIN_10, JELLYFIN_12, PLEX, Kind, Stage, on
from tests.engine.stories import STORIES, Scene

JELLYFIN_10_10 = Kind("jellyfin-10.10", "jellyfin", "10.10.7")
"""Copies of a film share their state there."""
KINDS = (PLEX, JELLYFIN_10_10, JELLYFIN_10, JELLYFIN_12, EMBY, EMBY_IN_PART)


@on(KINDS, "b")
@on(KINDS, "a")
async def test_every_story_ends_as_it_has_to_between_all_kinds(tmp_path, a, b):
    home = Stage(tmp_path, None, a=a, b=b)
    scenes = {story.__name__: Scene(home, number, a) for number, story in enumerate(STORIES)}
    running = {story.__name__: story(scenes[story.__name__]) for story in STORIES}
    ends = {}
    while running:
        for name, story in list(running.items()):
            try:
                next(story)
            except StopIteration as end:
                ends[name] = end.value
                del running[name]
        await home.round()
    await home.round()
    shown = {
        name: {entry: scenes[name].shows(entry, wanted) for entry, wanted in end.items()} for name, end in ends.items()
    }
    assert shown == ends
    assert await home.is_silent()


def test_every_story_is_told():
    told = [value for value in vars(stories).values() if inspect.isgeneratorfunction(value)]
    assert set(told) == set(stories.STORIES)
