"""The page's own modules in Node, which read what is generated as a browser would have them read it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[1] / "js" / "page-reader.js"
NODE = Path(__file__).parents[2] / ".venv" / "bin" / "node"


class PageReader:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def read(self, of: str, **given: Any) -> dict[str, Any]:
        """What the page makes of an `address`, or of what is `kept`. Raises RuntimeError with its exception's trace."""
        assert self._process.stdin and self._process.stdout
        print(json.dumps({"of": of, **given}), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


@contextmanager
def page_reader() -> Iterator[PageReader]:
    with subprocess.Popen(
        [NODE, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        # Leaving closes its input, which ends it.
        yield PageReader(process)
