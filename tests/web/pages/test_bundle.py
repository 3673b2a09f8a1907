"""The bundle of the page's scripts and styles, and whether it is that of their sources."""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from app.errors import CannotStart
from app.web.bundle import bundled, esbuild_path
from app.web.files import front_end
from tests.server_process import command
from tests.waiting import TIMEOUT_S

ROOT = Path(__file__).resolve().parents[3]
CHANGED = "console.info('changed since it was bundled');\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this one as an editable install leaves it, up to date."""
    bundled(front_end("static"))
    for name in ("app", "static", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", ".bundle-*"))
    (tmp_path / "build").mkdir()
    esbuild_path(tmp_path).symlink_to(esbuild_path(ROOT))
    return tmp_path


def made(static: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in (static / "bundle").iterdir()}


def change(file: Path, code: str = CHANGED) -> None:
    file.write_text(file.read_text(encoding="utf-8") + code, encoding="utf-8")


def test_nothing_is_made_while_no_source_changes(checkout: Path) -> None:
    before = made(checkout / "static")

    assert bundled(checkout / "static") == bundled(front_end("static"))
    assert made(checkout / "static") == before


@pytest.mark.parametrize(
    ("source", "code", "entries"),
    [
        ("js/ui/dom.js", CHANGED, {"main.js", "embed.js"}),
        ("js/early/theme.js", CHANGED, {"early.js"}),
        ("css/charts/charts.css", ".changed { color: red; }", {"page.css", "embed.css"}),
        ("vendor/uPlot.esm.js", CHANGED, {"main.js", "embed.js"}),
    ],
)
def test_a_changed_source_gives_what_has_it_another_name(
    checkout: Path, source: str, code: str, entries: set[str]
) -> None:
    static = checkout / "static"
    old = bundled(front_end("static"))
    change(static / source, code)

    new = bundled(static)

    assert {name for name in old if entries & {name} and new[name] != old[name]} == entries
    for entry in entries:
        assert any("changed" in (static / "bundle" / name).read_text(encoding="utf-8") for name in new[entry])


def test_a_source_more_or_less_is_a_change(checkout: Path) -> None:
    static = checkout / "static"
    (static / "css" / "more.css").write_text(".more { color: red; }", encoding="utf-8")
    change(static / "css" / "page.css", "@import './more.css';")
    assert ".more" in (static / "bundle" / bundled(static)["page.css"][0]).read_text(encoding="utf-8")

    bundled.cache_clear()
    (static / "css" / "more.css").unlink()
    with pytest.raises(CannotStart, match=r"Could not resolve \"./more.css\""):
        bundled(static)


def test_a_page_that_is_open_finds_its_files_after_a_change_and_no_older_ones_stay(checkout: Path) -> None:
    static = checkout / "static"
    first = bundled(static)["main.js"][0]
    for stays in (True, False):
        bundled.cache_clear()
        change(static / "js" / "main.js", f"console.info({stays});\n")
        assert bundled(static)["main.js"][0] != first
        assert (first in made(static), f"{first}.map" in made(static)) == (stays, stays)


def test_a_syntax_error_in_a_source_is_reported_with_its_line(checkout: Path) -> None:
    change(checkout / "static" / "js" / "main.js", "const = 1;\n")

    with pytest.raises(CannotStart, match=r"(?s)The page can't be bundled: .*js/main\.js:\d+:"):
        bundled(checkout / "static")


def test_a_checkout_without_esbuild_says_how_to_get_it(checkout: Path) -> None:
    esbuild_path(checkout).unlink()
    change(checkout / "static" / "js" / "main.js")

    with pytest.raises(CannotStart, match=r"esbuild-.*Run `make install` first"):
        bundled(checkout / "static")


@pytest.mark.slow
def test_a_server_of_a_changed_checkout_serves_the_change_and_says_so(checkout: Path, few_idx_files: Path) -> None:
    change(checkout / "static" / "js" / "main.js")
    change(checkout / "static" / "css" / "page" / "stage.css", ".changed { color: red; }")
    described = command("serve", DATA_DIR=str(few_idx_files), CACHE_DIR=str(checkout / "cache"))
    with subprocess.Popen(**described, cwd=checkout) as server:
        try:
            address = re.search(r"http://\S+", server.stdout.readline())[0]
            with httpx.Client(base_url=address, timeout=TIMEOUT_S) as http:
                names = re.findall(r'"(/static/bundle/(?:main|page)-[^"]+)"', http.get("/").text)
                sent = [http.get(name) for name in names]
        finally:
            server.terminate()
        log = server.stderr.read()

    assert {answer.status_code for answer in sent} == {200}
    assert {answer.url.path.rpartition(".")[2] for answer in sent if "changed" in answer.text} == {"js", "css"}
    assert log.count("bundled again") == 1
