"""What the page's scripts and templates have as a number of their own is the server's."""

import json
import re
from math import log10
from pathlib import Path
from typing import Any

import pytest

from app.choices import VIEW
from app.client import stream as client_stream
from app.events import TARGETS
from app.report import network_views
from app.web.live import broadcast

SCRIPTS = Path(__file__).resolve().parents[3] / "static" / "js"


def constant(file: str, name: str) -> Any:
    """A number, or a list of them, that a module of the page names at its top."""
    source = (SCRIPTS / file).read_text(encoding="utf-8")
    written = re.search(rf"^(?:export )?const {name} = ([\d_.]+|\[[\d_., ]+\]);$", source, re.MULTILINE)
    assert written, f"{file} should have a line `const {name} = `, a number or a list of them"
    return json.loads(written[1].replace("_", ""))


@pytest.mark.parametrize(
    ("file", "name", "here"),
    [
        ("link/connection.js", "SILENCE_MS", 1000 * client_stream.SILENCE_S),
        ("model/result.js", "TARGETS", list(TARGETS)),
        ("panels/confusion-panel.js", "MOST", network_views.SHOWN),
        ("panels/weights-panel.js", "UNITS", network_views.UNITS),
    ],
)
def test_the_page_and_the_server_have_the_same(file: str, name: str, here: Any) -> None:
    assert constant(file, name) == here


def test_a_stream_counts_as_broken_when_two_beats_are_missed() -> None:
    assert client_stream.SILENCE_S > 2 * broadcast.BEAT_S


def test_the_documents_of_the_api_say_how_many_there_are(app) -> None:
    paths = app.openapi()["paths"]

    assert network_views.UNITS == 6
    assert "six busiest units" in paths["/api/runs/{run_id}/weights"]["get"]["description"]
    confused = paths["/api/runs/{run_id}/lanes/{lane}/confusion/{label}/{answer}"]["get"]["description"]
    assert f"at most {network_views.SHOWN}," in confused


async def test_the_columns_of_batches_to_reach_are_the_targets(http) -> None:
    page = (await http.get("/")).text
    headings = page.partition('data-part="reach"')[2].partition("</thead>")[0]

    assert [int(share) / 100 for share in re.findall(r">(\d+)(?:&#8239;|\u202f)%<", headings)] == list(TARGETS)


async def test_the_smoothing_slider_begins_at_the_default_and_ends_at_the_most(http) -> None:
    page = (await http.get("/")).text
    slider = dict(re.findall(r'(\w+)="(\d+)"', re.search(r'<input [^>]*id="smoothing"[^>]*>', page)[0]))
    steps = constant("form/view-switches.js", "STEPS_PER_DECADE")

    def position(smoothing: float) -> int:
        return round(-log10(1 - smoothing) * steps)

    low, high = VIEW["smoothing"].range
    places = {"min": position(low), "max": position(high), "value": position(VIEW["smoothing"].default)}
    assert {name: int(slider[name]) for name in places} == places
