"""What a test can turn on."""


class Switches:
    """Attributes of the simulator that its server obeys, from the next request on."""

    starting: bool = False
    """The server is still starting: everything but a ping is answered 503 with a page."""
    skew_ms: int = 0
    """The server's clock minus ours."""
    base_path: str = ""
    """The configured base URL, like ``/jellyfin``; what is asked elsewhere is redirected."""
    groups_movies: bool = False
    """Box sets swallow their movies in listings that don't forbid it (`EnableGroupingMoviesIntoCollections`)."""
    repeat_pages: bool = False
    """Listings ignore `startIndex`."""
    short_pages: bool = False
    """Each page lacks its last row, though the total counts it."""
    shift_pages: int = 0
    """How many more listings get a new file before their second page, which moves all rows by one."""
