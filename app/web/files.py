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


def without_comments(code: str) -> str:
    """The same script for a browser. Takes for granted that no text of it goes over several lines."""
    return INDENTATION.sub("", COMMENT.sub("", code))


@lru_cache(maxsize=256)
def _small(script: Path, etag: str) -> str:
    """Without comments, indentation and blank lines: less than two thirds. Another `etag` is another content."""
    text = script.read_text(encoding="utf-8")
    code = jsmin(text) if script.match(LARGE_LIBRARY) else without_comments(text)
    licence = script.parent / f"{script.name.partition('.')[0]}.LICENSE"
    return f"/*! {licence.read_text(encoding='utf-8')} */\n{code}" if licence.exists() else code
