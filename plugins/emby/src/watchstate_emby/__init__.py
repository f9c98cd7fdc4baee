"""Emby for watchstate."""

__version__ = "0.1.0"
