"""Alembic's scripts. Importing this package costs nothing: Alembic itself is only loaded to migrate."""

HEAD = "0003"
"""The revision that this version of watchstate works with: the newest in ``versions``."""
