"""The `playground` command."""

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from app.config import LANES, Activation, Initialisation, RunConfig, Schedule, sentence
from app.errors import InvalidConfig, PlaygroundError
from app.lane_options import race_choices
from app.settings import Settings
from app.training.idx import DatasetError
from app.typed_numbers import read_share, read_whole

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watch optimizers learn to read handwritten digits side by side.",
)


class Decimal(StrEnum):
    """What stands before the fraction of a number."""

    POINT = "point"
    COMMA = "comma"


def _typed(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        try:
            # What was not typed, the default, is a number already.
            return read(value) if isinstance(value, str) else value
        except ValueError as problem:
            raise typer.BadParameter(str(problem)) from None

    return parse


_whole, _share = _typed(read_whole), _typed(read_share)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [env: HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. [env: PORT]")] = None,
) -> None:
    """Serve the playground to a browser."""
    from app.serving import serve

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serve(settings_from_environment(**chosen))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where the copy goes; one that is there is replaced.")]) -> None:
    """Copy the runs that a server keeps to a file, while it goes on."""
    from app.storage.backup import back_up, database_file

    database = database_file(settings_from_environment())
    print(f"{_runs(back_up(database, file))} copied from {database} to {file}.")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A copy that `playground backup` has written.")]) -> None:
    """Put a copy of runs back in their place, while no server uses it."""
    from app.storage.backup import database_file, restore

    database = database_file(settings_from_environment())
    runs, before = restore(file, database)
    print(f"{_runs(runs)} restored from {file} to {database}.")
    if before:
        print(f"What was there before is in {before} and what lies beside it.")


@app.command(hidden=True)
def record() -> None:
    """Race the default race anew for the front page, and draw its card: in a checkout."""
    from app.record import record

    record()


@app.command()
def race(
    context: typer.Context,
    epochs: Annotated[int, typer.Option(parser=_whole, metavar="NUMBER", help="Passes over the training digits.")] = 5,
    optimizer: Annotated[
        list[str] | None,
        typer.Option(help=f"A lane with this optimizer; may be repeated, also with the same one. {', '.join(LANES)}"),
    ] = None,
    lr: Annotated[
        list[str] | None,
        typer.Option(help="Learning rate: 0.1 for all, adam=0.001 or, of a second Adam, adam2=0.001; may be repeated."),
    ] = None,
    schedule: Annotated[
        list[str] | None, typer.Option(help=f"Learning-rate schedule, likewise. {', '.join(get_args(Schedule))}")
    ] = None,
    weight_decay: Annotated[list[str] | None, typer.Option(help="Weight decay, likewise.")] = None,
    hyperparameter: Annotated[
        list[str] | None, typer.Option("--set", help="A hyperparameter of a lane: adam2.beta1=0.8; may be repeated.")
    ] = None,
    batch_size: Annotated[int, typer.Option(parser=_whole, metavar="NUMBER", help="Training digits in one step.")] = 64,
    hidden: Annotated[str, typer.Option(help="Widths of the hidden layers, with commas between.")] = "128",
    activation: Annotated[str, typer.Option(help=", ".join(get_args(Activation)))] = "relu",
    initialisation: Annotated[str, typer.Option(help=", ".join(get_args(Initialisation)))] = "he",
    target: Annotated[
        float | None,
        typer.Option(
            parser=_share,
            metavar="SHARE",
            help="Test accuracy at which a lane has finished, as 0.95 or 95%; else it trains all epochs.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(parser=_whole, metavar="NUMBER", help="Same seed, same numbers.")] = 42,
    csv: Annotated[Path | None, typer.Option(help="Write every batch of every lane to this file.")] = None,
    evaluations: Annotated[Path | None, typer.Option(help="Write every evaluation of every lane to this file.")] = None,
    smoothing: Annotated[
        float, typer.Option(min=0, max=0.999, help="Weight of the past in the running averages of --csv.")
    ] = 0.95,
    decimal: Annotated[
        Decimal, typer.Option(help="In the CSV: with a comma, semicolons stand between numbers.")
    ] = Decimal.POINT,
    json: Annotated[Path | None, typer.Option(help="Write the summary to this file.")] = None,
) -> None:
    """Run a race here in the terminal."""
    from app.terminal_race import Files, race

    config = race_config(context.params)
    raise typer.Exit(
        race(settings_from_environment(), config, Files(csv, evaluations, json, smoothing, decimal is Decimal.COMMA))
    )


def race_config(options: dict[str, Any]) -> RunConfig:
    """The race that the options of `race` ask for. Raises InvalidConfig."""
    same = ("epochs", "batch_size", "activation", "initialisation", "seed")
    lanes = ("optimizer", "lr", "schedule", "weight_decay", "hyperparameter")
    return RunConfig.of(
        {
            **{name: options[name] for name in same},
            "hidden": _widths(options["hidden"]),
            "target_accuracy": options["target"],
            **race_choices(*(list(options[name] or ()) for name in lanes)),
        }
    )


def main() -> None:
    """Run the command."""
    sys.exit(explaining(app))


def explaining(command: Callable[[], object]) -> int:
    """Run a command; what a user can mend is told in a sentence, with exit status 2."""
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
        name = "".join(str(part) for part in problem["loc"]).upper()
        raise InvalidConfig(f"The setting {sentence({**problem, 'loc': (name,)})}") from None


def _runs(count: int) -> str:
    return f"{count:,} {'run' if count == 1 else 'runs'}"


def _widths(text: str) -> list[int]:
    try:
        widths = [width.strip() for width in text.split(",")]
        # "1,024" is neither one layer nor two.
        if any(width.startswith("0") for width in widths):
            raise ValueError
        return [int(width) for width in widths]
    except ValueError:
        raise InvalidConfig(f"--hidden should be whole numbers with commas between, as 128,64; got {text!r}.") from None
