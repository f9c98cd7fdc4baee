"""A simulated Jellyfin with a large library, in a process of its own; prints its address as one JSON line."""

import json
import sys
import threading

from watchstate.clock import system_clock
from watchstate.testing import Title
from watchstate.testing.serving import serve
from watchstate_jellyfin.simulator import JellyfinSimulator


def main(movies: int, episodes: int) -> None:
    simulator = JellyfinSimulator(clock=system_clock, seed=7)
    user = simulator.add_user("alex")
    films, shows = simulator.add_library("Films", "movies"), simulator.add_library("Shows", "shows")
    for number in range(movies):
        ids = {"Tmdb": str(1_000_000 + number), "Imdb": f"tt{2_000_000 + number}"}
        title = Title(kind="movie", title=f"Film {number}", year=2000, ids=ids, path=f"/films/Film {number}.mkv")
        entry = simulator.add(films, title)
        if number % 2:
            simulator.watch(user, entry)
    for number in range(episodes):
        show, season, episode = number // 200, number % 200 // 20 + 1, number % 20 + 1
        title = Title(
            kind="episode",
            title=f"Episode {episode}",
            show=f"Show {show}",
            show_ids={"Tvdb": str(500_000 + show)},
            ids={"Tvdb": str(3_000_000 + number)},
            season=season,
            episodes=(episode,),
            path=f"/shows/Show {show}/S{season:02d}E{episode:02d}.mkv",
        )
        entry = simulator.add(shows, title)
        if number % 2:
            simulator.watch(user, entry)
    with serve(simulator.app) as url:
        print(json.dumps({"url": url, "token": simulator.admin_token, "user": user}), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
