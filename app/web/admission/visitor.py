"""Whose requests are counted together: an address, that of the connection or from the one header the operator trusts.

In a classroom all have one address, and a browser says which one it is by a random id that its page has made. No one is
known by name, and addresses and ids are neither logged nor kept, but for digests of them as long as something goes on.
"""

import hashlib
import re
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection

from app.settings import Settings

# The network of one household or machine, which has all addresses in it.
IPV6_PREFIX = 64
UNKNOWN = "unknown"
HEADER = "X-Browser"
AN_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
WITH_PORT = re.compile(r"(?:([\d.]+)|\[([\da-fA-F:.]+)\])(?::\d+)?")


def visitor_of(connection: HTTPConnection) -> str:
    """An address; in a classroom with the id of the browser behind it, if it sends one. Ids can be made up at will."""
    address, settings = _address(connection), connection.app.state.settings
    if settings.classroom:
        # A socket and a link have no headers.
        browser = connection.headers.get(HEADER) or connection.query_params.get("browser", "")
        if AN_ID.fullmatch(browser):
            return f"{address}#{browser}"
    return address


def address_of(visitor: str) -> str:
    """The address, or network, of a visitor, which may be that of many browsers."""
    return visitor.partition("#")[0]


def hashed(visitor: str) -> str:
    """What a visitor is kept as: digests, of the address and of the browser behind it, in the form of a visitor."""
    return "#".join(hashlib.sha256(part.encode()).hexdigest() for part in visitor.split("#"))


def source_of(visitor: str) -> str:
    """What visitors are counted by, in messages to them."""
    return "your browser" if "#" in visitor else "your address"


def _address(connection: HTTPConnection) -> str:
    """An IPv4 address or an IPv6 network. A header counts only from the right: the rest can be written by anyone."""
    settings: Settings = connection.app.state.settings
    peer = connection.client.host if connection.client else ""
    if settings.trusted_proxy_header:
        addresses = ",".join(connection.headers.getlist(settings.trusted_proxy_header)).split(",")
        if len(addresses) >= settings.trusted_proxy_hops:
            network = network_of(addresses[-settings.trusted_proxy_hops].strip())
            return network_of(peer) if network == UNKNOWN else network
    return network_of(peer)


def network_of(text: str) -> str:
    """What an address is counted as. Some proxies add the port: 192.0.2.1:50000, [2001:db8::1]:50000."""
    with_port = WITH_PORT.fullmatch(text)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else text)
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((int(address), IPV6_PREFIX), strict=False))
    return str(address)
