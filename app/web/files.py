"""The files that pages load, as they are sent: scripts without what only their readers need."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from rjsmin import jsmin
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

# The other libraries come small already.
LARGE_LIBRARY = "vendor/uPlot.esm.js"
MADE_SMALL = ("js/*.js", LARGE_LIBRARY)

# A comment that has its lines to itself, or a type before a value. A minifier that does not parse takes spaces out of
# texts, where templates hold templates.
COMMENT = re.compile(
    r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n|/\*\* @type (?:(?!\*/).)*\*/ ?", re.MULTILINE | re.DOTALL
)
STATIC_IMPORT = re.compile(r"^(?:import|export) [^;]*?'\./([\w-]+\.js)';", re.MULTILINE)
INDENTATION = re.compile(r"^[ \t\n]+", re.MULTILINE)
# Lines without texts and patterns, whose spaces mean something.
PLAIN_LINE = re.compile(r"^[^'\"`/\n]+$", re.MULTILINE)
# Next to others, as + and -, or to a word, a space can matter.
AROUND_SIGNS = re.compile(r" ?([{}()\[\],;:?=<>&|*!]+) ?")


def front_end(name: str) -> Path:
    """The folder `static` or `templates`: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    return package / name if (package / name).is_dir() else package.parent / name


def static_files() -> StaticFiles:
    return _Files(directory=front_end("static"))


def modules_of(entry: str) -> list[str]:
    """The addresses of a script and of all that it needs before it begins: not of what it loads when asked for."""
    needed = [entry]
    for name in needed:
        code = (front_end("static") / "js" / name).read_text(encoding="utf-8")
        needed += sorted(set(STATIC_IMPORT.findall(code)) - set(needed))
    return [f"/static/js/{name}" for name in sorted(needed)]


class _Files(StaticFiles):
    """Static files that a browser keeps but asks for anew, so that an upgraded server is never met with old code."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        if isinstance(response, FileResponse) and any(Path(response.path).match(some) for some in MADE_SMALL):
            headers = {name: response.headers[name] for name in ("etag", "last-modified")}
            code = _small(Path(response.path), headers["etag"])
            response = Response(code, response.status_code, headers, response.media_type)
        response.headers["Cache-Control"] = "no-cache"
        return response


def made_small(code: str) -> str:
    """The same script for a browser, in fewer bytes. Takes for granted that no text of it goes over several lines."""
    code = INDENTATION.sub("", COMMENT.sub("", code))
    return PLAIN_LINE.sub(lambda line: AROUND_SIGNS.sub(r"\1", line[0]), code)


@lru_cache(maxsize=256)
def _small(script: Path, etag: str) -> str:
    """Without comments and most spaces: about six tenths. Another `etag` is another content."""
    text = script.read_text(encoding="utf-8")
    code = jsmin(text) if script.match(LARGE_LIBRARY) else made_small(text)
    licence = script.parent / f"{script.name.partition('.')[0]}.LICENSE"
    return f"/*! {licence.read_text(encoding='utf-8')} */\n{code}" if licence.exists() else code
