"""nginx and Caddy with the files of deploy/, each a real process."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.test_package import ROOT
from tests.waiting import until


@contextmanager
def nginx(upstream: str, port: int, folder: Path, below: str = "/", connections: int = 250) -> Iterator[None]:
    """nginx with the project's file, on a port of this machine, before a server, which it offers below a path.

    Of one address it takes so many `connections` at once.
    """
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("    listen [::]:80;\n", "")
    text = text.replace("location / {", f"location {below} {{").replace(" 250;", f" {connections};")
    (folder / "playground.conf").write_text(text.replace("127.0.0.1:8000", upstream))
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder / 'pid'}; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary} include playground.conf; }}\n"
    )
    # Its log in memory is in a fixed place until it has read where it should be.
    yield from _running([found("nginx"), "-e", "stderr", "-p", str(folder), "-c", "nginx.conf"], port, {})


@contextmanager
def caddy(upstream: str, port: int, folder: Path, below: str = "/") -> Iterator[None]:
    """The same with Caddy."""
    config = folder / "Caddyfile"
    # Without its own control port, and without a certificate for a name that is not there.
    own = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    if below != "/":
        own = own.replace("reverse_proxy", f"reverse_proxy {below.rstrip('/')}*")
    config.write_text("{\n\tadmin off\n}\n" + own)
    environment = {"SITE": f"http://127.0.0.1:{port}", "UPSTREAM": upstream, "HOME": str(folder)}
    command = [found("caddy"), "run", "--adapter", "caddyfile", "--config", str(config)]
    yield from _running(command, port, environment)


def found(name: str) -> str:
    # As a service it may lie where only root looks.
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") or pytest.skip(f"no {name} on this machine")


def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    def answers() -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0

    with subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL) as process:
        try:
            until(answers, "the proxy answers")
            yield
        finally:
            process.terminate()
