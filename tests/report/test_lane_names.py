"""Lanes are called by their optimizer, and where it comes more than once by what differs; the page calls them alike."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from app.config import RunConfig
from app.report.lane_names import names
from app.runs.description import ConfigDescription

RACES = json.loads((Path(__file__).parents[1] / "fixtures" / "lane-names.json").read_text("utf8"))


@pytest.mark.parametrize("race", RACES, ids=lambda race: ", ".join(race["names"]))
def test_lanes_are_named_by_what_differs(race: dict[str, Any]) -> None:
    config = RunConfig.of({"lanes": race["lanes"]})
    assert names(cast(ConfigDescription, config.model_dump())) == race["names"]


def test_names_are_different_ones() -> None:
    lanes = [{"optimizer": "adam", "beta1": beta} for beta in (0.5, 0.5, 0.9)]
    called = names(cast(ConfigDescription, RunConfig.of({"lanes": lanes}).model_dump()))
    assert called == ["Adam β₁ 0.5", "Adam β₁ 0.5 (2)", "Adam β₁ 0.9"]
