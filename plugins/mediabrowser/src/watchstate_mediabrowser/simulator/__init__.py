"""What the simulated servers of the MediaBrowser family share: their plumbing, memory, library and state machine.

Jellyfin and Emby are two branches of one program. What is here is so in both; what they do differently, each
simulator adds in classes of its own.
"""
