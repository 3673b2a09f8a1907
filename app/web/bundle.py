"""The page's scripts and styles as few small files: esbuild makes them from `static/js` and `static/css`.

Each has its content's hash in its name. What is installed has these files and no sources; in a checkout they are made
again at the start of a server if a source has changed since, by the esbuild that the install has kept.
"""

import hashlib
import json
import logging
import platform
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import CannotStart

# Below `static`, and how: README.md names the same versions of browsers.
BROWSERS = "--target=safari17,firefox125,chrome114"
BUILDS = (
    (("js/main.js", "css/page.css", "css/embed.css", "css/not-found.css"), ("--format=esm", "--splitting", BROWSERS)),
    (("js/embed.js",), ("--format=esm", BROWSERS)),
    # Apart: what they shared with the race would cost it more requests.
    (
        tuple(f"js/{name}.js" for name in ("gallery", "how", "lesson", "sweep-embed", "sweeps")),
        ("--format=esm", BROWSERS),
    ),
    (tuple(f"css/{name}.css" for name in ("experiment", "experiments", "how", "lesson", "sweeps")), (BROWSERS,)),
    # Tells older browsers that they are too old.
    (("js/early.js",), ("--format=iife", "--target=es2015")),
)
ALWAYS = (
    "--bundle",
    "--minify",
    "--legal-comments=eof",
    "--entry-names=[name]-[hash]",
    "--chunk-names=[name]-[hash]",
    # For a developer's browser, which finds the sources on the server.
    "--sourcemap=external",
    "--sources-content=false",
    "--log-level=warning",
)
SOURCES = ("js/**/*.js", "css/**/*.css", "vendor/uPlot.esm.js")

MANIFEST = "manifest.json"

_log = logging.getLogger(__name__)


@cache
def bundled(static: Path) -> dict[str, list[str]]:
    """What stands in each entry's place, say `main.js`: its file and those that it needs before it begins.

    Raises CannotStart when sources have changed and no bundle comes of them.
    """
    found = _read(static)
    if (static / "js").is_dir() and found.get("sources") != digest(static):
        bundle(static)
        found = _read(static)
        _log.info("scripts and styles have changed and were bundled again")
    files: dict[str, list[str]] = found["files"]
    return files


def bundle(static: Path) -> None:
    """Makes the files again. Raises CannotStart with esbuild's message."""
    folder = static / "bundle"
    folder.mkdir(exist_ok=True)
    sources = digest(static)
    files: dict[str, list[str]] = {}
    before = set(_read(static).get("made", ()))
    # Each comes into its place whole, since other servers may start at the same time.
    with tempfile.TemporaryDirectory(dir=static, prefix=".bundle-") as scratch:
        for entries, options in BUILDS:
            files |= _esbuild(static, Path(scratch), *entries, *options)
        manifest = Path(scratch) / MANIFEST
        made = [file.name for file in Path(scratch).iterdir()]
        manifest.write_text(json.dumps({"sources": sources, "files": files, "made": made}, indent=1))
        for name in (*made, MANIFEST):
            (Path(scratch) / name).replace(folder / name)
    # A server that goes on sends those from before.
    for file in folder.iterdir():
        if file.name not in {*made, *before, MANIFEST}:
            file.unlink(missing_ok=True)


def digest(static: Path) -> str:
    """Of all that the bundle is made from, and how."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for file in sorted(file for pattern in SOURCES for file in static.glob(pattern)):
        found.update(file.relative_to(static).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def esbuild_path(root: Path) -> Path:
    """Where an install keeps esbuild, in a checkout that several kinds of machines may share."""
    return root / "build" / f"esbuild-{platform.system()}-{platform.machine()}".lower()


def _read(static: Path) -> dict[str, Any]:
    manifest = static / "bundle" / MANIFEST
    found: dict[str, Any] = json.loads(manifest.read_text()) if manifest.exists() else {}
    return found


def _esbuild(static: Path, folder: Path, *what: str) -> dict[str, list[str]]:
    metafile = folder / "metafile.json"
    command = [str(esbuild_path(static.parent)), *what, *ALWAYS, f"--outdir={folder}", f"--metafile={metafile}"]
    try:
        done = subprocess.run(command, cwd=static, capture_output=True, text=True)
    except OSError as error:
        raise CannotStart(f"The page can't be bundled: {error}. Run `make install` first.") from None
    if done.returncode:
        raise CannotStart(f"The page can't be bundled: {done.stderr.strip()}")
    outputs = json.loads(metafile.read_text())["outputs"]
    metafile.unlink()

    def needed(output: str) -> list[str]:
        imports = [each["path"] for each in outputs[output]["imports"] if each["kind"] == "import-statement"]
        return [Path(output).name, *(name for path in imports for name in needed(path))]

    return {
        Path(made["entryPoint"]).name: list(dict.fromkeys(needed(output)))
        for output, made in outputs.items()
        if "entryPoint" in made
    }
