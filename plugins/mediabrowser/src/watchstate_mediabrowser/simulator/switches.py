"""What a test can turn on, on every server of the family."""


class Switches:
    """Attributes of a simulator that its server obeys, from the next request on."""

    starting: bool = False
    """The server is still starting: everything but a ping is answered 503."""
    skew_ms: int = 0
    """The server's clock minus ours."""
    groups_movies: bool = False
    """Box sets swallow their movies in listings that don't forbid it."""
    repeat_pages: bool = False
    """Listings ignore `StartIndex`."""
    short_pages: bool = False
    """Each page lacks its last row, though the total counts it."""
    shift_pages: int = 0
    """How many more listings get a new file before their second page, which moves all rows by one."""
