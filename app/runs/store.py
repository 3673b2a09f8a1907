"""Runs on disk."""


class Store:
    """Keeps runs in a database."""
