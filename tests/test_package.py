"""What `pip install` brings: everything that the server and its page need, and nothing else."""

import json
import re
import subprocess
import sys
import zipfile
from itertools import chain
from pathlib import Path

import httpx
import pytest

from app.web.bundle import bundled
from app.web.how_it_works import DOCUMENTS
from tests.server_process import command
from tests.waiting import TIMEOUT_S

ROOT = Path(__file__).resolve().parents[1]
VENDORED = {
    "uPlot.esm.js",
    "uPlot.esm.d.ts",
    "uPlot.LICENSE",
    "swagger-ui-bundle.js",
    "swagger-ui.css",
    "swagger-ui.LICENSE",
    "swagger-ui.NOTICE",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as an installer builds it from the sdist: with no checkout around it and no uPlot yet."""
    folder = tmp_path_factory.mktemp("package")
    python(["-m", "hatchling", "build", "--target", "sdist", "--directory", str(folder)])
    (sdist,) = folder.glob("*.tar.gz")
    python(["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(sdist)])
    (built,) = folder.glob("*.whl")
    return built


def python(arguments: list[str]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)


@pytest.mark.slow
def test_wheel_holds_all_that_the_server_and_its_page_need(wheel: Path) -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for folder in ("app", "static", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".pyc"
    }
    sources |= {f"docs/{name}.md" for name in DOCUMENTS}
    expected = {name if name.startswith("app/") else f"app/{name}" for name in sources}
    # The bundle, and not what it was made from.
    bundle = bundled(ROOT / "static").values()
    made_from = ("app/static/js/", "app/static/css/", "app/static/bundle/", "app/static/vendor/uPlot.")
    expected = {name for name in expected if not name.startswith(made_from)}
    expected |= {f"app/static/bundle/{name}" for name in chain(["manifest.json"], *bundle)}
    assert {"app/static/vendor/swagger-ui-bundle.js", "app/static/favicon.svg"} <= expected
    assert {name for name in expected if name.endswith("-ubyte.gz")}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == expected


@pytest.mark.slow
def test_wheel_serves_its_page_with_no_checkout_around(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    serve = command("serve", HOST="127.0.0.1", CACHE_DIR=str(tmp_path / "cache"))
    with subprocess.Popen(**serve, cwd=site) as server:
        try:
            address = re.search(r"http://\S+", server.stdout.readline())[0]
            with httpx.Client(base_url=address, timeout=TIMEOUT_S) as http:
                page = http.get("/")
                loaded = set(re.findall(r'"(/static/[^"]+)"', page.text))
                assert page.status_code == 200
                assert {"early", "main", "page"} <= {Path(path).name.partition("-")[0] for path in loaded}
                # It reads the sources, which are there without a checkout.
                assert "theta -= g" in http.get("/how-it-works").text
                assert [http.get(f"/docs/{name}").status_code for name in DOCUMENTS] == [200] * len(DOCUMENTS)
                assert {path for path in loaded if http.get(path).status_code != 200} == set()
        finally:
            server.terminate()


def test_install_vendors_the_uplot_that_the_lock_file_names() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    version = lock["packages"]["node_modules/uplot"]["version"]
    vendor = ROOT / "static" / "vendor"
    assert all((vendor / name).is_file() for name in VENDORED)
    assert f"(v{version})" in (vendor / "uPlot.esm.js").read_text(encoding="utf-8")[:2000]


def test_lock_file_pins_digests_and_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert all("integrity" in package for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
