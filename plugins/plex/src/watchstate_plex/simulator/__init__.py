"""A simulated Plex Media Server and its plex.tv, in the making: its hands and routes are not joined to an app yet."""
