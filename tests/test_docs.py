"""The documents name files, tests, targets of make and environment variables that exist."""

import re
from collections import Counter
from pathlib import Path

import pytest

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
# What is behind is what a release was.
CURRENT = [name for name in DOCUMENTS if name != "CHANGELOG.md"]
# Variables of other programs: Ray, PostgreSQL, and the libraries of linear algebra in docs/benchmarks.md.
OTHER_PROGRAMS = ("RAY_", "POSTGRES_", "OPENBLAS_", "ATEN_", "MKL_", "ONEDNN_", "XLA_")
PLACES = ("app", "benchmarks", "deploy", "docs", "static", "templates", "tests")


@pytest.mark.parametrize("document", CURRENT)
def test_every_file_that_is_named_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(rf"\b(?:{'|'.join(PLACES)})/[\w./-]*\w/?", text))
    made = {name for name in named if name.startswith(("static/vendor", "docs/images"))}

    assert {name for name in named - made if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("document", CURRENT)
def test_every_link_to_a_file_leads_to_one(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]

    assert {target for target in targets if target and not ((ROOT / document).parent / target).exists()} == set()


@pytest.mark.parametrize("document", CURRENT)
def test_every_choice_of_tests_that_is_named_chooses_some(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for files, words in re.findall(r"pytest ((?:tests/[\w./]+ )+)-k (\w+|\"[^\"]+\")", text):
        sources = [file.read_text("utf-8") for name in files.split() for file in _python(ROOT / name)]
        names = [name for source in sources for name in re.findall(r"def (test_\w+)", source)]
        for word in words.strip('"').split(" or "):
            assert any(word in name for name in names), f"{files}-k {word}"


@pytest.mark.parametrize("document", CURRENT)
def test_every_target_of_make_that_is_named_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^)make (?:[A-Z]+=\S+ )*([a-z][\w-]*)", text, re.MULTILINE)

    assert set(named) - set(targets) == set()


@pytest.mark.parametrize("document", CURRENT)
def test_every_environment_variable_that_is_named_is_a_setting(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = {name for name in re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", text) if not name.startswith(OTHER_PROGRAMS)}

    assert named - {name.upper() for name in Settings.model_fields} == set()


def test_every_promise_has_a_proof_of_its_own() -> None:
    """Two rows with the same proof are one promise in two wordings."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    table = text.partition("| promise |")[2].partition("\n\n")[0].splitlines()[2:]
    proofs = Counter(row.removesuffix(" |").rpartition(" | ")[2] for row in table)

    assert len(table) > 100
    assert {proof for proof, rows in proofs.items() if rows > 1} <= {"the same"}


def _python(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.glob("test_*.py"))
