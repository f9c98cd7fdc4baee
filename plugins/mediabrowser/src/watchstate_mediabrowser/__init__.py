"""What Emby and Jellyfin, two descendants of Media Browser, still have in common as seen from a client.

Here is what both do in the same way; where they differ, each backend says so in its own package.
"""

__version__ = "0.1.0"
