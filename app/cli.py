"""The `playground` command."""

import sys
from collections.abc import Callable, Collection
from enum import StrEnum
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.text import Text

from app.choices import LANE_SETTINGS, SETTINGS, VIEW
from app.config import LANES, RunConfig, sentence
from app.errors import InvalidConfig, PlaygroundError
from app.lane_options import ON_THE_COMMAND_LINE, option_of, race_choices
from app.number_input import read_number, read_share, read_whole, read_widths, write_widths
from app.report.formats import counted
from app.settings import Settings
from app.sweeps.options import USUAL_RATES, grid_of
from app.training.idx import DatasetError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watch optimizers learn to read handwritten digits side by side.",
)


LEAST, MOST = VIEW["smoothing"].range or (0, 1)


class Decimal(StrEnum):
    """What stands before the fraction of a number."""

    POINT = "point"
    COMMA = "comma"


DecimalOption = Annotated[
    Decimal, typer.Option(help="The decimal sign in the CSV; with a comma, columns are separated by semicolons.")
]


def _typed(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        try:
            # What was not typed, the default, is a number already.
            return read(value) if isinstance(value, str) else value
        except ValueError as problem:
            raise typer.BadParameter(str(problem)) from None

    return parse


def _read_smoothing(text: str) -> float:
    value = read_number(text, LEAST, MOST)
    if not LEAST <= value <= MOST:
        raise ValueError(f"expected a number from {LEAST:g} to {MOST:g}, got {text!r}.")
    return value


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [env: HOST]")] = None,
    port: Annotated[
        int | None, typer.Option(parser=_typed(read_whole), metavar="PORT", help="Port to listen on. [env: PORT]")
    ] = None,
) -> None:
    """Serve the playground to a browser."""
    from app.serving import serve

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serve(settings_from_environment(**chosen))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write the copy; an existing one is replaced.")]) -> None:
    """Copy the runs that a server keeps to a file, while it goes on."""
    from app.storage.backup import back_up, database_file

    database = database_file(settings_from_environment())
    print(f"{counted(back_up(database, file), 'run')} copied from {database} to {file}.")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A copy made by `playground backup`.")]) -> None:
    """Put a copy of runs back in their place, while no server uses it."""
    from app.storage.backup import database_file, restore

    database = database_file(settings_from_environment())
    runs, before = restore(file, database)
    print(f"{counted(runs, 'run')} restored from {file} to {database}.")
    if before:
        print(f"The previous runs are in {before} and the files next to it.")


@app.command(hidden=True)
def record() -> None:
    """Record the default race again for the front page, and draw its card: in a checkout."""
    from app.record import record

    record()


@app.command(hidden=True)
def claims() -> None:
    """Train what the article's claims are judged by, and write docs/claims.md: in a checkout."""
    from app.measure_claims import measure_claims

    measure_claims()


def _with_settings(race: Callable[..., None], without: Collection[str] = (), **defaults: Any) -> Callable[..., None]:
    """Give the command an option for each setting of a race, as `choices` has them."""
    usual = {**RunConfig().model_dump(), **defaults}
    read: dict[str, dict[str, Any]] = {
        "number": {"parser": _typed(read_number), "metavar": "NUMBER"},
        "whole": {"parser": _typed(read_whole), "metavar": "NUMBER"},
        "share": {"parser": _typed(read_share), "metavar": "SHARE"},
        "widths": {"parser": _typed(read_widths), "metavar": "WIDTHS"},
    }
    hints = {"widths": "With commas between.", "share": "As 0.95 or 95%."}
    options = []
    for name in (name for name in ON_THE_COMMAND_LINE if name not in without):
        row = SETTINGS[name]
        hint = ", ".join(row.options) if row.options else hints.get(row.kind, "")
        option: Any = typer.Option(option_of(name), help=f"{row.help} {hint}".strip(), **read.get(row.kind, {}))
        default = write_widths(usual[name]) if row.kind == "widths" else usual[name]
        kind = {"number": float, "whole": int, "share": float | None, "widths": Any}.get(row.kind, str)
        options.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]))
    own = [each for each in signature(race).parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
    race.__signature__ = Signature([own[0], *options, *own[1:]])  # type: ignore[attr-defined]
    return race


@app.command()
@_with_settings
def race(
    context: typer.Context,
    *,
    optimizer: Annotated[
        list[str] | None,
        typer.Option(help=f"A lane with this optimizer; may be repeated, also with the same one. {', '.join(LANES)}"),
    ] = None,
    lr: Annotated[
        list[str] | None,
        typer.Option(help="Learning rate: 0.1 for all, adam=0.001 or, of a second Adam, adam2=0.001; may be repeated."),
    ] = None,
    schedule: Annotated[
        list[str] | None,
        typer.Option(help=f"Learning-rate schedule, likewise. {', '.join(LANE_SETTINGS['schedule'].options or ())}"),
    ] = None,
    weight_decay: Annotated[list[str] | None, typer.Option(help="Weight decay, likewise.")] = None,
    hyperparameter: Annotated[
        list[str] | None, typer.Option("--set", help="A hyperparameter of a lane: adam2.beta1=0.8; may be repeated.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every batch of every lane to this file.")] = None,
    evaluations: Annotated[Path | None, typer.Option(help="Write every evaluation of every lane to this file.")] = None,
    smoothing: Annotated[
        float,
        typer.Option(
            parser=_typed(_read_smoothing),
            metavar="NUMBER",
            help="Weight of the past in the running averages of --csv.",
        ),
    ] = VIEW["smoothing"].default,
    decimal: DecimalOption = Decimal.POINT,
    json: Annotated[Path | None, typer.Option(help="Write the summary to this file.")] = None,
    **settings: Any,
) -> None:
    """Run a race here in the terminal."""
    from app.terminal.race import Files, race

    config = race_config(context.params)
    raise typer.Exit(
        race(settings_from_environment(), config, Files(csv, evaluations, json, smoothing, decimal is Decimal.COMMA))
    )


def _sweep(
    *,
    optimizer: Annotated[
        list[str] | None,
        typer.Option(help=f"To compare; may be repeated. {', '.join(LANES)}. The default race's, if none is named."),
    ] = None,
    lr: Annotated[
        list[str] | None,
        typer.Option(
            help="A learning rate, or several as lowest:highest:how many; may be repeated. "
            f"{USUAL_RATES}, if there is none."
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(parser=_typed(read_whole), metavar="NUMBER", help="How many seeds, beginning with --seed.")
    ] = 1,
    over: Annotated[
        list[str] | None,
        typer.Option(help="Values of another setting to try: batch-size=32,128; hidden=64;128,64; may be repeated."),
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the result of every training to this file.")] = None,
    decimal: DecimalOption = Decimal.POINT,
    json: Annotated[Path | None, typer.Option(help="Write everything to this file.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw the sweep into this file.")] = None,
    **settings: Any,
) -> None:
    """Train a grid of learning rates, optimizers and seeds here in the terminal, on all cores, and say who wins."""
    from app.terminal.sweep import Files, sweep

    grid = grid_of(optimizer or (), lr or (), seeds, over or (), settings)
    raise typer.Exit(sweep(settings_from_environment(), grid, Files(csv, json, png, decimal is Decimal.COMMA)))


# A target would end some trainings of a grid before others.
app.command("sweep")(_with_settings(_sweep, without=["target_accuracy"], epochs=1))


def race_config(options: dict[str, Any]) -> RunConfig:
    """The race that the options of `race` ask for. Raises InvalidConfig."""
    lanes = ("optimizer", "lr", "schedule", "weight_decay", "hyperparameter")
    return RunConfig.of(
        {
            **{name: options[name] for name in ON_THE_COMMAND_LINE},
            **race_choices(*(list(options[name] or ()) for name in lanes)),
        }
    )


def main() -> None:
    """Run the command."""
    sys.exit(explaining(app))


def explaining(command: Callable[[], object]) -> int:
    """Run a command; a problem that the user can solve is printed as a sentence, with exit status 2."""
    try:
        command()
    except (PlaygroundError, DatasetError) as problem:
        Console(stderr=True, soft_wrap=True).print(Text.assemble(("Error:", "red"), f" {problem}"))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def settings_from_environment(**chosen: object) -> Settings:
    """The operator's settings, with those that the command line chose. Raises InvalidConfig."""
    try:
        return Settings(**chosen)  # type: ignore[arg-type]  # validated by Settings itself
    except ValidationError as error:
        problem = error.errors()[0]
        name = "".join(str(part) for part in problem["loc"])
        field = Settings.model_fields.get(name)
        if field and field.annotation is SecretStr:
            problem["input"] = "**********"
        raise InvalidConfig(f"The setting {sentence({**problem, 'loc': (name.upper(),)})}") from None
