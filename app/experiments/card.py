"""The picture of an experiment for previews of a link: its question and its guesses, nothing of the answer."""

from textwrap import wrap
from typing import TYPE_CHECKING

from app.experiments.base import Experiment
from app.report.drawing import MARGIN, MUTED, picture, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1200, 630
# What a line of the question holds, and where the guesses below it begin and end.
LINE_LETTERS = 66
GUESSES_TOP, GUESSES_BOTTOM = 420, 590


def draw_experiment(experiment: Experiment) -> bytes:
    """A PNG of 1200×630 pixels."""

    def draw(figure: "Figure") -> None:
        write(figure, MARGIN, 62, "Optimizer Playground", 26, weight="bold")
        write(figure, WIDTH - MARGIN, 62, "An experiment", 24, MUTED, ha="right")
        write(figure, MARGIN, 156, experiment.title, 52, weight="bold")
        for row, line in enumerate(wrap(experiment.question, LINE_LETTERS)):
            write(figure, MARGIN, 222 + 42 * row, line, 29, MUTED)
        write(figure, MARGIN, GUESSES_TOP - 54, "What do you expect?", 29, weight="bold")
        guesses = experiment.guesses
        apart = min(48.0, (GUESSES_BOTTOM - GUESSES_TOP) / max(1, len(guesses) - 1))
        for row, guess in enumerate(guesses):
            write(figure, MARGIN, GUESSES_TOP + apart * row, f"○  {guess.label}", 28)

    return picture(WIDTH, HEIGHT, draw)
