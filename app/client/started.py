"""What races and sweeps have in common: an id, a page, an owner key, and a stream."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Protocol
from urllib.parse import quote, urlencode

import httpx

from app.client.stream import follow
from app.errors import NotInstalled


class Server(Protocol):
    """What they use of their `Playground`."""

    url: str

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response: ...

    def described(self, answer: httpx.Response, known_by: str) -> Any: ...


class Started:
    """`owner_key` commands it: keep it if another program is to."""

    kind: ClassVar[str]
    known_by: ClassVar[str]
    """A field by which a description of this kind is recognized."""

    def __init__(self, playground: Server, started_id: str, owner_key: str | None) -> None:
        self.id = started_id
        self.owner_key = owner_key
        self._playground = playground
        self._path = f"/api/{self.kind}s/{started_id}"

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self._playground.url}/{self.kind}s/{self.id}"

    def stop(self) -> None:
        """The results so far stay."""
        self._command("POST", "stop")

    def _described(self) -> Any:
        return self._playground.described(self._playground.ask("GET", self._path, headers=self._owner), self.known_by)

    def _command(self, method: str, what: str, **options: Any) -> None:
        self._playground.ask(method, f"{self._path}/{what}", headers=self._owner, **options)

    def _file(self, name: str, **query: object) -> bytes:
        return self._playground.ask("GET", f"{self._path}/{name}", params=query).content

    def _follow(self, cursor: Callable[[], Mapping[str, object]]) -> Iterator[str | bytes]:
        """Every message of its stream; `cursor` is called at each connection."""

        def address() -> str:
            return f"{self._playground.url.replace('http', 'ws', 1)}{self._path}/stream?{urlencode(cursor(), safe=',')}"

        return follow(f"{self.kind} {self.id}", self._playground.url, address)

    @property
    def _owner(self) -> dict[str, str]:
        return {"X-Owner-Key": quote(self.owner_key)} if self.owner_key else {}


def pandas() -> Any:
    """The library. Raises NotInstalled."""
    try:
        import pandas
    except ImportError:
        raise NotInstalled("A frame is a pandas.DataFrame; install it: pip install pandas") from None
    return pandas
