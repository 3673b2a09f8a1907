"""A real PostgreSQL server for the tests, which can go away and come back."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

DEBIAN = Path("/usr/lib/postgresql")


class Postgres:
    """A server in `folder`, reached by a socket there; `url` is for DATABASE_URL."""

    def __init__(self, programs: Path, folder: Path, fsync: str = "off") -> None:
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        self._programs, self._fsync = programs, fsync
        self._folder = folder
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions")

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c fsync={self._fsync} -c max_connections=20"
        self._run("pg_ctl", "start", "--wait", f"--log={self._folder / 'log'}", f"--options={options}")

    def stop(self) -> None:
        """At once, as if its machine had failed."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def hang(self) -> None:
        """Answer nothing more, and close nothing either."""
        for process in self._processes():
            process.suspend()

    def go_on(self) -> None:
        for process in self._processes():
            process.resume()

    def new_database(self, name: str) -> str:
        """The address of an empty database."""
        self._run("createdb", f"--host={self._folder}", "--username=postgres", name, data=False)
        return self.url.replace("/postgres?", f"/{name}?")

    def _processes(self) -> list[psutil.Process]:
        """The first, and those that serve a connection; the others are of no account here."""
        first = psutil.Process(int((self._folder / "data" / "postmaster.pid").read_text().split()[0]))
        return [first, *(child for child in first.children() if "[local]" in " ".join(child.cmdline()))]

    def _run(self, program: str, *arguments: str, data: bool = True) -> None:
        place = [f"--pgdata={self._folder / 'data'}"] if data else []
        subprocess.run(
            [self._programs / program, *place, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            **_somebody(),
        )


@contextmanager
def postgres_server(fsync: str = "off") -> Iterator[Postgres]:
    """A server that is up; afterwards it is gone with all it had. Skips the test where there is none to start.

    With `fsync` on, it waits for the disk as those do that are to keep something.
    """
    # Not pytest's own folder: that is closed to everybody but its owner.
    with tempfile.TemporaryDirectory(prefix="playground-pg-") as folder:
        if somebody := _somebody():
            os.chown(folder, somebody["user"], somebody["group"])
        server = Postgres(_programs(), Path(folder), fsync)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _programs() -> Path:
    versions = [folder for folder in DEBIAN.glob("*/bin") if (folder / "initdb").exists()]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    pytest.skip("no PostgreSQL server on this machine: install one (Debian's package is postgresql)")


def _somebody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, who runs tests in a container."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
