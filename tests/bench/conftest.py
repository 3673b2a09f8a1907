"""The server of the tests of `web`, for crowds to watch."""

from tests.web.conftest import address, http

__all__ = ["address", "http"]
