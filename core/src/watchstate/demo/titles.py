"""The demo's library: titles that everybody knows, with made-up provider ids."""

from watchstate.clock import MINUTE
from watchstate.testing import Title

_MOVIES = """
Metropolis 1927 | Modern Times 1936 | Casablanca 1942 | Bicycle Thieves 1948 | The Third Man 1949 | Rashomon 1950
Singin' in the Rain 1952 | Roman Holiday 1953 | Tokyo Story 1953 | Seven Samurai 1954 | Rear Window 1954
The Night of the Hunter 1955 | The Seventh Seal 1957 | Vertigo 1958 | Touch of Evil 1958 | Some Like It Hot 1959
The 400 Blows 1959 | Psycho 1960 | La Dolce Vita 1960 | The Apartment 1960 | Lawrence of Arabia 1962
Charade 1963 | The Leopard 1963 | Dr. Strangelove 1964 | Mary Poppins 1964 | Playtime 1967 | The Graduate 1967
2001: A Space Odyssey 1968 | Once Upon a Time in the West 1968 | The Godfather 1972 | Solaris 1972
The Godfather Part II 1974 | Chinatown 1974 | Jaws 1975 | Taxi Driver 1976 | Star Wars 1977 | Annie Hall 1977
Halloween 1978 | Alien 1979 | Stalker 1979 | Apocalypse Now 1979 | The Shining 1980 | Raging Bull 1980
Raiders of the Lost Ark 1981 | Das Boot 1981 | Blade Runner 1982 | E.T. the Extra-Terrestrial 1982 | The Thing 1982
Local Hero 1983 | Amadeus 1984 | Paris, Texas 1984 | Back to the Future 1985 | Brazil 1985 | Ran 1985 | Aliens 1986
The Princess Bride 1987 | Wings of Desire 1987 | Die Hard 1988 | My Neighbor Totoro 1988 | Cinema Paradiso 1988
When Harry Met Sally... 1989 | Goodfellas 1990 | The Silence of the Lambs 1991 | Unforgiven 1992
Groundhog Day 1993 | Jurassic Park 1993 | Chungking Express 1994 | Pulp Fiction 1994 | The Lion King 1994
Heat 1995 | Toy Story 1995 | Before Sunrise 1995 | Fargo 1996 | Trainspotting 1996 | L.A. Confidential 1997
Princess Mononoke 1997 | The Big Lebowski 1998 | Run Lola Run 1998 | The Matrix 1999 | Magnolia 1999
In the Mood for Love 2000 | Memento 2000 | Amelie 2001 | Spirited Away 2001 | Mulholland Drive 2001
City of God 2002 | Lost in Translation 2003 | Finding Nemo 2003 | The Incredibles 2004 | The Lives of Others 2006
Pan's Labyrinth 2006 | Ratatouille 2007 | No Country for Old Men 2007 | WALL-E 2008 | The Dark Knight 2008
Up 2009 | Inception 2010 | Toy Story 3 2010 | A Separation 2011 | Drive 2011 | Moonrise Kingdom 2012 | Her 2013
Gravity 2013 | Boyhood 2014 | The Grand Budapest Hotel 2014 | Mad Max: Fury Road 2015 | Inside Out 2015
Arrival 2016 | La La Land 2016 | Get Out 2017 | Coco 2017 | Roma 2018 | Parasite 2019 | Nomadland 2020 | Dune 2021
Everything Everywhere All at Once 2022 | Past Lives 2023 | Perfect Days 2023
"""

_SHOWS = (
    ("Twin Peaks", (8, 22)),
    ("The X-Files", (24,)),
    ("Cowboy Bebop", (26,)),
    ("Firefly", (14,)),
    ("The Office", (6, 22)),
    ("Breaking Bad", (7, 13)),
    ("Sherlock", (3, 3, 3)),
    ("Over the Garden Wall", (10,)),
)
"""Show and episodes per season."""

SPECIALS = ("Sherlock", "Firefly")
"""Shows with a special in season 0."""
DOUBLE = ("The Office", 2, (21, 22))
"""A file that carries two episodes."""


def label(title: Title) -> str:
    """Return how a person calls a title: ``Alien (1979)`` or ``Firefly 1x03``; it is the same on every server."""
    if title.kind == "movie":
        return f"{title.title} ({title.year})"
    numbers = "-".join(f"{number:02d}" for number in title.episodes)
    return f"{title.show} {title.season}x{numbers}"


def movies() -> list[Title]:
    """Return the movies."""
    found = []
    texts = [text for line in _MOVIES.splitlines() for text in line.split("|") if text.strip()]
    for number, text in enumerate(texts, start=1):
        title, _, year = text.strip().rpartition(" ")
        found.append(
            Title(
                kind="movie",
                title=title,
                year=int(year),
                ids={"Tmdb": str(900_000 + number), "Imdb": f"tt99{number:05d}"},
                runtime_ms=(85 + number % 60) * MINUTE,
                path=f"/films/{title} ({year})/{title} ({year}).mkv",
            )
        )
    return found


def episodes() -> list[Title]:
    """Return the episodes of all shows: seasons, specials and one file with two episodes."""
    found = []
    for number, (show, seasons) in enumerate(_SHOWS, start=1):
        show_ids = {"Tvdb": str(950_000 + number), "Imdb": f"tt98{number:05d}"}
        numbered: list[tuple[int, tuple[int, ...]]] = [
            (season, (episode,)) for season, count in enumerate(seasons, 1) for episode in range(1, count + 1)
        ]
        if show == DOUBLE[0]:
            numbered = [pair for pair in numbered if pair[0] != DOUBLE[1] or pair[1][0] not in DOUBLE[2]]
            numbered.append((DOUBLE[1], DOUBLE[2]))
        if show in SPECIALS:
            numbered.append((0, (1,)))
        for season, own in numbered:
            found.append(_episode(number, show, show_ids, season, own))
    return found


def _episode(number: int, show: str, show_ids: dict[str, str], season: int, own: tuple[int, ...]) -> Title:
    name = "Special" if season == 0 else " and ".join(f"Part {episode}" for episode in own)
    marks = "-".join(f"E{episode:02d}" for episode in own)
    return Title(
        kind="episode",
        title=name,
        show=show,
        show_ids=show_ids,
        ids={"Tvdb": str(960_000 + number * 1_000 + season * 100 + own[0])},
        season=season,
        episodes=own,
        runtime_ms=45 * MINUTE * len(own),
        path=f"/shows/{show}/Season {season}/{show} S{season:02d}{marks}.mkv",
    )
