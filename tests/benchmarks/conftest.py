"""The server of the tests of `web`, for crowds to watch."""

from tests.web.conftest import address, app, http

__all__ = ["address", "app", "http"]
