"""A network of its own for a node of a cluster, and a link to it that can be cut: packets are lost in silence."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

# Drops all that comes and goes, but within the network itself.
CUT = """
table inet cut {
    chain in { type filter hook input priority 0; policy drop; iifname lo accept; }
    chain out { type filter hook output priority 0; policy drop; oifname lo accept; }
}
"""


class Link:
    """Between this machine's network, where it is `here`, and another one, where it is `there`."""

    def __init__(self) -> None:
        self._name = f"node{secrets.token_hex(4)}"
        # Of a range that is kept for tests of networks: 198.18.0.0/15.
        net = f"198.{secrets.choice((18, 19))}.{secrets.randbelow(256)}.{4 * secrets.randbelow(64)}".rsplit(".", 1)
        self.here, self.there = (f"{net[0]}.{int(net[1]) + host}" for host in (1, 2))
        self.inside = ["ip", "netns", "exec", self._name]
        ends = self._name, f"{self._name}n"
        _run("ip", "netns", "add", self._name)
        _run("ip", "link", "add", ends[0], "type", "veth", "peer", "name", ends[1], "netns", self._name)
        _run("ip", "address", "add", f"{self.here}/30", "dev", ends[0])
        _run("ip", "link", "set", ends[0], "up")
        _run(*self.inside, "ip", "address", "add", f"{self.there}/30", "dev", ends[1])
        for device in ("lo", ends[1]):
            _run(*self.inside, "ip", "link", "set", device, "up")

    def cut(self) -> None:
        _run(*self.inside, "nft", "--file", "-", text=CUT)

    def mend(self) -> None:
        _run(*self.inside, "nft", "delete", "table", "inet", "cut")

    def close(self) -> None:
        """With both ends of the link."""
        _run("ip", "netns", "delete", self._name)


@contextmanager
def network_link() -> Iterator[Link | None]:
    """None where it is not possible."""
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("nft", path=f"{os.environ['PATH']}:/usr/sbin"):
        yield None
        return
    link = Link()
    try:
        yield link
    finally:
        link.close()


def _run(*command: str, text: str = "") -> None:
    subprocess.run(command, input=text, check=True, text=True)
