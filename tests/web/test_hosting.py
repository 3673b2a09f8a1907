"""docs/hosting.md says of metrics what the server says, word for word."""

import re

import httpx

from tests.test_package import ROOT

TEXT = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)[1]


async def test_the_table_of_metrics_is_that_of_the_server(http: httpx.AsyncClient):
    documented = set(re.findall(r"^\| `(playground_\w+)(?:\{(?:\w+)\})?` \| (\w+) \|", section("Metrics"), re.M))
    types = re.findall(r"^# TYPE (playground_\w+) (\w+)$", (await http.get("/metrics")).text, re.M)

    assert documented == set(types)
