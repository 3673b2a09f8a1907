"""Whose requests are counted together."""

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from app.settings import Settings
from app.web.admission.visitor import visitor_of


def connection(headers=(), peer: str | None = "203.0.113.9", **settings) -> HTTPConnection:
    app = Starlette()
    app.state.settings = Settings(**settings)
    return HTTPConnection(
        {
            "type": "http",
            "app": app,
            "client": peer and (peer, 4711),
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "scheme": "http",
            "server": ("10.0.0.1", 80),
            "path": "/",
            "root_path": "",
        }
    )


FORGED = ("x-forwarded-for", "192.0.2.1, 192.0.2.2")


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"])
def test_without_a_trusted_header_none_changes_anything(header):
    assert visitor_of(connection([(header, "192.0.2.1")])) == "203.0.113.9"


@pytest.mark.parametrize(
    ("hops", "value", "visitor"),
    [
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        (1, "6.6.6.6,192.0.2.7 ", "192.0.2.7"),
        (1, "192.0.2.7:50123", "192.0.2.7"),
        (1, "[2001:db8:1:2::7]:50123", "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2::7]", "2001:db8:1:2::/64"),
        (2, "6.6.6.6, 192.0.2.7, 10.0.0.3", "192.0.2.7"),
        # Not all the proxies in front can have written there: the address of the connection counts.
        (2, "192.0.2.7", "203.0.113.9"),
        (1, "nonsense", "203.0.113.9"),
        (1, "192.0.2.7, ", "203.0.113.9"),
        (1, "", "203.0.113.9"),
    ],
)
def test_of_a_trusted_header_only_the_named_hop_counts(hops, value, visitor):
    trusting = {"trusted_proxy_header": "X-Forwarded-For", "trusted_proxy_hops": hops}
    assert visitor_of(connection([("x-forwarded-for", value)], **trusting)) == visitor


def test_a_header_that_came_twice_is_one_list():
    headers = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.7")]
    assert visitor_of(connection(headers, trusted_proxy_header="x-forwarded-for")) == "192.0.2.7"


def test_another_header_than_the_trusted_one_changes_nothing():
    assert visitor_of(connection([FORGED], trusted_proxy_header="cf-connecting-ip")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "visitor"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
    ],
)
def test_all_addresses_of_a_64_network_are_one_visitor(peer, visitor):
    assert visitor_of(connection(peer=peer)) == visitor
