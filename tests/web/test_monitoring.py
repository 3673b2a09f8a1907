"""The alert rules and the dashboard in deploy/: of counts that the server has, and as Prometheus reads them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
import yaml

from tests.waiting import TIMEOUT_S

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES, DASHBOARD = DEPLOY / "alerts.yaml", DEPLOY / "grafana.json"
NAME = re.compile(r"\b(?:playground|process)_\w+")


def expressions() -> list[str]:
    rules = [rule["expr"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return rules + [target["expr"] for panel in panels for target in panel["targets"]]


def families(text: str) -> set[str]:
    """Every name that a rule can use, also of counts that nothing has been counted for yet."""
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)", text, re.MULTILINE))
    buckets = {f"{name}_bucket" for name, kind in kinds.items() if kind == "histogram"}
    return set(kinds) | {f"{name}_total" for name in kinds} | buckets


async def test_rules_and_dashboard_are_of_counts_that_the_server_has_and_has_described(http: httpx.AsyncClient):
    there = families((await http.get("/metrics")).text)
    hosting = (DEPLOY.parent / "docs" / "hosting.md").read_text(encoding="utf-8")
    used = {name for expression in expressions() for name in NAME.findall(expression)}

    assert len(used) > 15
    assert used - there == set()
    assert {name.removesuffix("_bucket") for name in used if name.startswith("playground")} <= set(
        NAME.findall(hosting)
    )


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool: apt install prometheus")
def test_prometheus_takes_the_rules_and_every_expression_of_the_dashboard(tmp_path):
    dashboard = [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]
    records = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(dashboard)
    ]
    panels = tmp_path / "dashboard.yaml"
    panels.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": records}]}))

    checked = subprocess.run(
        ["promtool", "check", "rules", RULES, panels], capture_output=True, text=True, timeout=TIMEOUT_S
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
