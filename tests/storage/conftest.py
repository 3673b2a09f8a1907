"""Managers that keep their runs in a database, as the tests of scheduling have them."""

from tests.scheduling.conftest import manager, serve

__all__ = ["manager", "serve"]
