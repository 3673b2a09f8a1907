"""The files that pages load: those of the bundle under the names of their contents, all others as they are."""

import re
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from app.web.address import public_url, root_of
from app.web.bundle import bundled

# As `bundle` calls them: another content is another name.
NAMED_BY_CONTENT = re.compile(r"-[0-9A-Z]{8}\.(js|css)$")


def front_end(name: str) -> Path:
    """The folder `static` or `templates`: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    return package / name if (package / name).is_dir() else package.parent / name


def page_templates() -> Jinja2Templates:
    """The templates; `root`, in each of them, comes before every address of this server.

    `bundled` names the files of an entry, `public_url` is what comes before addresses in links. Raises CannotStart when
    there are no bundled files.
    """
    templates = Jinja2Templates(
        front_end("templates"), context_processors=[lambda request: {"root": root_of(request.scope)}]
    )
    # What the page lists is in the server's order.
    templates.env.policies["json.dumps_kwargs"] = {"sort_keys": False}
    templates.env.globals["public_url"] = public_url
    templates.env.globals["bundled"] = bundled(front_end("static"))
    return templates


def static_files() -> StaticFiles:
    return _Files(directory=front_end("static"))


class _Files(StaticFiles):
    """Static files: browsers keep those that are named by their content, and revalidate all others."""

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(full_path, *args, **kwargs)
        bundled = NAMED_BY_CONTENT.search(str(full_path))
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if bundled else "no-cache"
        if bundled and Path(f"{full_path}.map").exists():
            response.headers["SourceMap"] = f"{Path(full_path).name}.map"
        return response
