"""Links that people pass on: pages and pictures with any query, cut off, mistyped or made by another program."""

from urllib.parse import quote

from hypothesis import strategies as st

from app.experiments.registry import all_experiments
from tests.fuzz.kind import Kind
from tests.fuzz.queries import queries
from tests.fuzz.target import Target


def links(target: Target) -> Kind:
    run, sweep, lesson = target.run_id, target.sweep_id, target.lesson_id
    paths = st.sampled_from(
        [
            "/", "/", "/", f"/runs/{run}", f"/embed/{run}", f"/runs/{run}/card.png", f"/embed/{run}/x", "/oembed",
            "/api/qr.svg", f"/api/runs/{run}", f"/api/runs/{run}/export.csv", f"/api/runs/{run}/export.json",
            f"/api/runs/{run}/export.parquet", f"/api/runs/{run}/story", f"/api/runs/{run}/command", "/card.png",
            f"/api/runs/{run}/weights", f"/api/runs/{run}/lanes/0/confusion", f"/api/runs/{run}/story/moments",
            "/sweeps", f"/sweeps/{sweep}", f"/embed/sweeps/{sweep}", f"/sweeps/{sweep}/card.png", f"/lessons/{lesson}",
            f"/api/sweeps/{sweep}", f"/api/sweeps/{sweep}/cells.csv", f"/api/sweeps/{sweep}/cells.parquet",
            f"/api/sweeps/{sweep}/sweep.json", f"/api/lessons/{lesson}", "/experiments", "/how-it-works",
            *(f"{of}/{name}" for name in all_experiments() for of in ("/experiments", "/api/experiments")),
            *(f"/api/experiments/{name}/answer" for name in all_experiments()),
            f"/experiments/one-dial/sweeps/{sweep}", f"/experiments/pulls-ahead/runs/{run}",
        ]
    ) | st.text(max_size=30).map(lambda text: "/runs/" + quote(text.encode(errors="replace")))  # fmt: skip
    # A frame's theme is no parameter of the API.
    inputs = st.builds("{}?{}".format, paths, queries("theme", *target.parameters))

    def send(link: str) -> list[int]:
        return [target.http.get(link, headers={"Accept": "text/html"}).status_code]

    return Kind("links", inputs, send)
