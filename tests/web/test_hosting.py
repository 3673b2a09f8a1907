"""docs/hosting.md says of settings and metrics what the server says, word for word."""

import re

import httpx
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.settings import Settings
from tests.test_package import ROOT

TEXT = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
# Of what depends on the machine, or would be a path of this one.
IN_WORDS = {
    "cache_dir": "the user's cache folder",
    "data_dir": "the MNIST that is included",
    "database_url": "`runs.db` in `RUNS_DIR`",
    "max_connections_per_address": "50 more than its streams: 250",
    "max_kept_mb": "a sixteenth of the memory, at most 256",
    "max_networks_mb": "a sixteenth of the memory, at most 256",
    "max_run_memory_mb": "three quarters of the memory over `MAX_RUNNING`, at most 4096",
    "max_running": "a third of the cores",
    "runs_dir": "the user's data folder",
    "teacher_key": "a new one at each start",
}


def shown(name: str, field: FieldInfo) -> str:
    if name in IN_WORDS:
        return IN_WORDS[name]
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return f"`{default}`" if default not in ("", None) else "none"


def section(title: str) -> str:
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)[1]


def test_the_table_of_settings_is_that_of_the_server():
    documented = [line for line in section("Settings").splitlines() if re.match(r"\| `[A-Z_]+`", line)]

    assert documented == [
        f"| `{name.upper()}` | {shown(name, field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def test_every_setting_named_in_the_text_is_one():
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)\b", TEXT))

    assert named - {name.upper() for name in Settings.model_fields} == set()


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert target.startswith("https://") or (ROOT / "docs" / target).exists(), target
    titles = {re.sub(r"[^a-z ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^## (.+)$", TEXT, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= titles


async def test_the_table_of_metrics_is_that_of_the_server(http: httpx.AsyncClient):
    documented = set(re.findall(r"^\| `(playground_\w+)(?:\{(?:\w+)\})?` \| (\w+) \|", section("Metrics"), re.M))
    types = re.findall(r"^# TYPE (playground_\w+) (\w+)$", (await http.get("/metrics")).text, re.M)

    assert documented == set(types)
