"""The files that pages load, as they are sent: scripts without what only their readers need."""

import re
from functools import lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from app.web.address import root_of

# The other libraries come small already.
LARGE_LIBRARY = "vendor/uPlot.esm.js"
MADE_SMALL = {
    "js/*.js": "application/javascript",
    "js/*/*.js": "application/javascript",
    LARGE_LIBRARY: "application/javascript",
    "css/*.css": "text/css",
}

STATIC_IMPORT = re.compile(r"^(?:import|export) [^;]*?'(\.[\w./-]+\.js)';", re.MULTILINE)


def front_end(name: str) -> Path:
    """The folder `static` or `templates`: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    return package / name if (package / name).is_dir() else package.parent / name


def page_templates() -> Jinja2Templates:
    """The templates; `root`, in each of them, comes before every address of this server."""
    templates = Jinja2Templates(
        front_end("templates"), context_processors=[lambda request: {"root": root_of(request.scope)}]
    )
    # What the page lists is in the server's order.
    templates.env.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return templates


def static_files() -> StaticFiles:
    return _Files(directory=front_end("static"))


def modules_of(entry: str) -> list[str]:
    """The addresses of a script and of all that it needs before it begins: not of what it loads when asked for."""
    needed = [entry]
    for name in needed:
        code = (front_end("static") / "js" / name).read_text(encoding="utf-8")
        imported = {normpath(join(dirname(name), path)) for path in STATIC_IMPORT.findall(code)}
        needed += sorted(path for path in imported - set(needed) if not path.startswith("../"))
    return [f"/static/js/{name}" for name in sorted(needed)]


class _Files(StaticFiles):
    """Static files that a browser keeps but asks for anew, so that an upgraded server is never met with old code."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        if isinstance(response, FileResponse):
            file = Path(response.path)
            for language in (kind for pattern, kind in MADE_SMALL.items() if file.match(pattern)):
                headers = {name: response.headers[name] for name in ("etag", "last-modified")}
                code = _small(file, language, headers["etag"])
                response = Response(code, response.status_code, headers, response.media_type)
        response.headers["Cache-Control"] = "no-cache"
        return response


@lru_cache(maxsize=256)
def _small(file: Path, language: str, etag: str) -> str:
    """The same for a browser, in less than half the bytes. Another `etag` is another content."""
    # Loads a library that is large itself, which a server does not need before the first visitor.
    import minify

    code: str = minify.string(language, file.read_text(encoding="utf-8"))
    licence = file.parent / f"{file.name.partition('.')[0]}.LICENSE"
    return f"/*! {licence.read_text(encoding='utf-8')} */\n{code}" if licence.exists() else code
