"""The documents speak of files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
# What is behind is what a release was.
CURRENT = [name for name in DOCUMENTS if name != "CHANGELOG.md"]
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
