"""Jellyfin for watchstate."""
