"""The `playground` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from app.config import RunConfig, sentence
from app.errors import InvalidConfig, PlaygroundError
from app.settings import Settings
from app.training.dataset import DatasetError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watch SGD, Momentum and Adam learn to read handwritten digits side by side.",
)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [env: HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. [env: PORT]")] = None,
) -> None:
    """Serve the playground to a browser."""
    from app.serving import serve

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serve(_settings(**chosen))


@app.command()
def race(
    epochs: Annotated[int, typer.Option(help="Passes over the training digits.")] = 5,
    lr: Annotated[
        list[str] | None, typer.Option(help="Learning rate: 0.1 for all, adam=0.001 for one; may be repeated.")
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Training digits in one step.")] = 64,
    hidden: Annotated[str, typer.Option(help="Widths of the hidden layers, with commas between.")] = "128",
    seed: Annotated[int, typer.Option(help="Same seed, same numbers.")] = 42,
    csv: Annotated[Path | None, typer.Option(help="Write every batch of every lane to this file.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the summary to this file.")] = None,
) -> None:
    """Run a race here in the terminal."""
    from app.terminal_race import race

    shared, own = _learning_rates(lr or [])
    config = RunConfig.of(
        {
            "epochs": epochs,
            "batch_size": batch_size,
            "hidden": _widths(hidden),
            "seed": seed,
            **({"learning_rate": shared} if shared is not None else {}),
            "lanes": [
                {"optimizer": lane.optimizer, "learning_rate": own.pop(lane.optimizer, None)}
                for lane in RunConfig().lanes
            ],
        }
    )
    if own:
        raise InvalidConfig(f"--lr {next(iter(own))}=…: there is no such optimizer; there are sgd, momentum and adam.")
    raise typer.Exit(race(_settings(), config, csv, json))


@app.command()
def bench(json: Annotated[Path | None, typer.Option(help="Write the figures to this file.")] = None) -> None:
    """Measure speed on this machine, for some minutes; exit status 1 when a figure is out of its bounds."""
    from app.bench.effort import Effort
    from app.bench.report import bench

    raise typer.Exit(0 if bench(_settings(), json, Effort()) else 1)


@app.command()
def load(viewers: Annotated[int, typer.Option(help="Viewers of one run, at most 5,000.")] = 3_000) -> None:
    """Measure what many viewers get, and what they cost, on this machine; exit status 1 when it is not enough."""
    from app.bench.viewers import load

    raise typer.Exit(0 if load(_settings(), viewers) else 1)


def main() -> None:
    """Run the command; what a user can mend is told in a sentence, with exit status 2."""
    try:
        app()
    except (PlaygroundError, DatasetError) as problem:
        Console(stderr=True, soft_wrap=True).print(Text.assemble(("Error:", "red"), f" {problem}"))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _settings(**chosen: object) -> Settings:
    try:
        return Settings(**chosen)  # type: ignore[arg-type]  # validated by Settings itself
    except ValidationError as error:
        problem = error.errors()[0]
        name = "".join(str(part) for part in problem["loc"]).upper()
        raise InvalidConfig(f"The setting {sentence({**problem, 'loc': (name,)})}") from None


def _learning_rates(texts: list[str]) -> tuple[float | None, dict[str, float]]:
    """The shared learning rate, if any, and those of single optimizers."""
    shared, own = None, {}
    for text in texts:
        optimizer, equals, number = text.rpartition("=")
        try:
            rate = float(number)
        except ValueError:
            raise InvalidConfig(
                f"--lr should be a number, or one for an optimizer as adam=0.001; got {text!r}."
            ) from None
        if equals:
            own[optimizer] = rate
        else:
            shared = rate
    return shared, own


def _widths(text: str) -> list[int]:
    try:
        return [int(width) for width in text.split(",")]
    except ValueError:
        raise InvalidConfig(f"--hidden should be whole numbers with commas between, as 128,64; got {text!r}.") from None
