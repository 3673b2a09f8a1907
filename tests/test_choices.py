"""A setting is one row: every form, message and document takes its words from it."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from pydantic import create_model

from app import cli
from app.choices import LANE_SETTINGS, SAID, SETTINGS, VIEW, Choice
from app.config import LANES, RunConfig
from app.lane_options import ON_THE_COMMAND_LINE, option_of, race_choices
from app.report import caption
from app.report.caption import settings_of
from app.report.formats import plain
from app.report.reproduce import command
from app.training.activations import ACTIVATIONS
from app.training.initialisations import INITIALISATIONS
from app.training.schedules import SCHEDULES
from app.web.pages import page_templates

SCHEMA = RunConfig.model_json_schema()


def test_every_setting_of_a_race_has_a_row_and_every_row_a_setting() -> None:
    assert set(SETTINGS) == set(RunConfig.model_fields)
    assert set(SAID) == set(SETTINGS) - {"lanes"}
    for lane in LANES.values():
        assert set(lane.model_fields) - {"optimizer"} == {*LANE_SETTINGS, *lane().hyperparameters()}


def test_what_can_be_chosen_is_what_training_knows() -> None:
    assert list(SETTINGS["activation"].options) == list(ACTIVATIONS)
    assert list(SETTINGS["initialisation"].options) == list(INITIALISATIONS)
    assert list(LANE_SETTINGS["schedule"].options) == list(SCHEDULES)


def test_the_description_of_the_api_has_label_help_and_range_of_each_row() -> None:
    lane = SCHEMA["$defs"]["LionLane"]["properties"]
    for rows, described in ((SETTINGS, SCHEMA["properties"]), (LANE_SETTINGS, lane)):
        for name, row in rows.items():
            told = described[name]
            assert (told["title"].lower(), told["description"]) == (row.label.lower(), row.help)
            inner = next((each for each in told.get("anyOf", ()) if each["type"] != "null"), told)
            if row.length:
                assert (inner["minItems"], inner["maxItems"]) == row.length
            elif row.range:
                assert (inner["minimum"], inner["maximum"]) == row.range
            if row.options:
                assert inner["enum"] == list(row.options)


def test_the_command_line_has_an_option_for_each_row() -> None:
    race = typer.main.get_command(cli.app).commands["race"]
    options = {name: each for each in race.params for name in each.opts}

    assert [name for name in SETTINGS if name not in ("learning_rate", "lanes")] == ON_THE_COMMAND_LINE
    for name in ON_THE_COMMAND_LINE:
        assert options[option_of(name)].help.startswith(SETTINGS[name].help)
    assert race.make_context("race", ["--smoothing", "0,9"]).params["smoothing"] == 0.9
    low, high = VIEW["smoothing"].range
    assert race.make_context("race", ["--smoothing", str(high)]).params["smoothing"] == high
    for outside in (low - 0.001, high + 0.0001):
        with pytest.raises(typer.BadParameter, match=r"expected a number from 0 to 0\.999, got"):
            race.make_context("race", ["--smoothing", str(outside)])


@pytest.fixture
def clip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of a kind that no option has yet, added as another setting would be."""
    monkeypatch.setitem(SETTINGS, "clip", Choice("number", "Clip", "Longest gradient.", (0.1, 10), said="clip {}"))
    monkeypatch.setattr(cli, "ON_THE_COMMAND_LINE", [*ON_THE_COMMAND_LINE, "clip"])
    monkeypatch.setattr(cli, "RunConfig", create_model("Config", __base__=RunConfig, clip=(float, 1.0)))
    monkeypatch.setattr(caption, "SAID", (*SAID, "clip"))


@pytest.mark.usefixtures("clip")
def test_a_number_is_read_and_said_like_every_other_row() -> None:
    def race(context: typer.Context, **settings: object) -> None: ...

    app = typer.Typer()
    app.command()(cli._with_settings(race))
    read_by = typer.main.get_command(app)
    for typed, value in ([], 1.0), (["--clip", "0,5"], 0.5), (["--clip", "2"], 2.0):
        read = read_by.make_context("race", typed).params["clip"]
        assert (type(read), read) == (float, value)
        assert settings_of({"config": {**RunConfig().model_dump(), "clip": read}}).endswith(f" · clip {plain(value)}")
    with pytest.raises(typer.BadParameter, match="expected a number, got 'much'"):
        read_by.make_context("race", ["--clip", "much"])


def test_the_command_that_races_again_has_every_setting_of_a_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LANE_SETTINGS, "clip", Choice("number", "clip", short="clip {}"))
    monkeypatch.setitem(LANE_SETTINGS, "by", Choice("option", "by", options={"value": "value", "norm": "norm"}))
    Clipped = create_model("Clipped", __base__=LANES["adam"], clip=(float, 1.0), by=(str, "value"))
    lanes = [Clipped(clip=0.5), Clipped(by="norm", beta1=0.8)]

    told = shlex.split(command(RunConfig().model_copy(update={"lanes": lanes})))[2:]
    assert told == [
        *("--optimizer", "adam", "--optimizer", "adam"),
        *("--set", "adam.clip=0.5", "--set", "adam2.by=norm", "--set", "adam2.beta1=0.8"),
    ]
    assert race_choices(["adam", "adam"], [], [], [], told[5::2])["lanes"] == [
        {"optimizer": "adam", "clip": 0.5},
        {"optimizer": "adam", "by": "norm", "beta1": 0.8},
    ]


def test_a_caption_says_none_where_the_usual_value_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caption, "USUAL", RunConfig(target_accuracy=0.95))

    assert "to none" in settings_of({"config": RunConfig().model_dump()})
    assert "to" not in settings_of({"config": RunConfig(target_accuracy=0.95).model_dump()})


def test_a_caption_says_each_row_that_is_not_as_usual() -> None:
    def said(**choices: object) -> str:
        return settings_of({"config": RunConfig.of(choices).model_dump()})

    assert said(batch_size=60_000, epochs=1, hidden=[1]) == (
        "learning rate 0.01 · batch size 60,000 · 1 epoch · 1 hidden unit · seed 42"
    )
    lanes = [{"optimizer": "sgd", "learning_rate": 0.1}, {"optimizer": "adam"}, {"optimizer": "lion"}]
    assert said(activation="sigmoid", initialisation="small", target_accuracy=0.975, hidden=[64, 32], lanes=lanes) == (
        "learning rate 0.1 / 0.01 · batch size 64 · 5 epochs · sigmoid · first weights small random · to 97.5\u202f% · "
        "64-32 hidden units · seed 42"
    )


def test_the_protocol_documents_the_default_and_the_range_of_each_setting() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "protocol.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text.partition("| field |")[2].partition("| field |")[0], re.M))
    usual = RunConfig().model_dump()

    assert list(rows) == list(RunConfig.model_fields)
    for name, row in SETTINGS.items():
        default, allowed = rows[name].split(" | ", 1)
        assert name == "lanes" or default == f"`{json.dumps(usual[name])}`".replace('"', "")
        for option in row.options or ():
            assert f"`{option}`" in allowed
        for bound in row.range or ():
            assert plain(bound) in allowed.replace(",", "")


def test_what_the_page_lists_is_in_the_order_of_the_rows() -> None:
    assert page_templates().env.policies["json.dumps_kwargs"] == {"sort_keys": False}
