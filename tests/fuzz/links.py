"""Links that people pass on: pages and pictures with any query, cut off, mistyped or made by another program."""

from urllib.parse import quote

from hypothesis import strategies as st

from tests.fuzz.kind import Kind
from tests.fuzz.target import Target

NAMES = [
    "epochs", "batch", "hidden", "seed", "lanes", "opt", "lr", "sgd", "momentum", "adam", "init", "activation", "pace",
    "x", "scale", "smooth", "seeds", "theme", "run", "share", "utm_source", "fbclid", "url", "format", "maxwidth",
    "smoothing", "table",
]  # fmt: skip
VALUES = [
    "1",
    "0",
    "-1",
    "1e999",
    "NaN",
    "0.1,0.2",
    "128,5",
    "128 5",
    "%",
    "null",
    "true",
    "sgd",
    "adam:0.1",
    "[]",
    "{}",
]


def links(target: Target) -> Kind:
    run = target.run_id
    paths = st.sampled_from(
        [
            "/", "/", "/", f"/runs/{run}", f"/embed/{run}", f"/runs/{run}/card.png", f"/embed/{run}/x", "/oembed",
            "/api/qr.svg", f"/api/runs/{run}", f"/api/runs/{run}/export.csv", f"/api/runs/{run}/export.json",
            f"/api/runs/{run}/export.parquet", f"/api/runs/{run}/story", f"/api/runs/{run}/command", "/card.png",
            f"/api/runs/{run}/weights", f"/api/runs/{run}/lanes/0/confusion", f"/api/runs/{run}/story/moments",
        ]
    ) | st.text(max_size=30).map(lambda text: "/runs/" + quote(text.encode(errors="replace")))  # fmt: skip
    part = st.text(max_size=20).map(lambda text: quote(text.encode(errors="replace"))) | st.text(
        st.characters(min_codepoint=36, max_codepoint=126), max_size=20
    )
    pairs = st.tuples(st.sampled_from(NAMES) | part, st.sampled_from(VALUES) | part).map("=".join)
    inputs = st.builds(lambda path, query: f"{path}?{'&'.join(query)}", paths, st.lists(pairs, max_size=6))

    def send(link: str) -> list[int]:
        return [target.http.get(link, headers={"Accept": "text/html"}).status_code]

    return Kind("links", inputs, send)
