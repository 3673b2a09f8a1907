"""Everything a visitor can choose, one row a choice: what it is called, what it can be, and how it is said.

The config and its validation, the API's description, the command line and captions are made from these rows, and so are
the page's fields, links and messages. What can be chosen for an optimizer stands on its class in `training.optimizers`.
"""

from typing import Any, Literal, NamedTuple

Kind = Literal["number", "whole", "share", "widths", "option", "optimizers", "pace", "names", "ids", "flag"]
Range = tuple[float, float]


class Choice(NamedTuple):
    """One choice; its name, the key of its row, is the one in configs, links and on the command line."""

    kind: Kind
    """Which texts are a value of it, and how a value is written."""
    label: str
    help: str = ""
    range: Range | None = None
    """The lowest and the highest; of a list, of each in it."""
    length: tuple[int, int] | None = None
    """Of a list."""
    options: dict[str, str] | None = None
    """The values there are, and what they are called."""
    presets: tuple[Any, ...] = ()
    """Values worth trying, as a menu offers them."""
    default: Any = None
    """Of how a race is shown; what is raced by default is in RunConfig, and of a lane in Lane."""
    said: str = ""
    """In a caption and below a saved chart, with {} for the value; what has 1 for it ends without its s."""
    short: str = ""
    """The same where there is little room."""
    more: bool = False
    """Whether it is behind "More settings", and is only said when it is not as usual."""
    option: str | None = None
    """On the command line, where that is not its name."""

    def shown(self, name: str) -> dict[str, Any]:
        """What is sent to the page: `ChoiceRow` in `static/js/types.d.ts`."""
        others = ("help", "option")
        shown = {key: value for key, value in self._asdict().items() if value not in (None, "") and key not in others}
        return {"name": name, "default": None, **shown}


RATES = (1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001)
RATE: Range = (1e-6, 10)
MOST_SEEDS = 10
MOST_LANES = 6

SETTINGS = {
    "learning_rate": Choice(
        "number", "Learning rate", "For all lanes without one of their own.", RATE,
        presets=RATES, said="learning rate {}", short="lr {}",
    ),
    "batch_size": Choice(
        "whole", "Batch size", "Training digits in one step.", (1, 60_000),
        presets=(1, 8, 32, 64, 128, 256, 1024, 60_000), said="batch size {:,}", short="batch {}",
    ),
    "epochs": Choice(
        "whole", "Epochs", "Passes over the training digits.", (1, 100),
        presets=(1, 2, 3, 5, 10, 20, 30), said="{} epochs", short="{} ep",
    ),
    "hidden": Choice(
        "widths", "Hidden units", "Widths of the hidden layers, first to last.", (1, 1024), (1, 3),
        presets=([16], [32], [64], [128], [256], [128, 64], [256, 128, 64]), said="{} hidden units", short="{} hidden",
    ),
    "seed": Choice(
        "whole", "Seed", "Same seed and settings, same numbers, bit for bit, on the same machine.", (0, 2**32 - 1),
        said="seed {}", short="seed {}",
    ),
    "activation": Choice(
        "option", "Activation", "The function that hidden units apply.",
        options={"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}, said="{}", short="{}", more=True,
    ),
    "initialisation": Choice(
        "option", "Initialisation", "How the first weights are drawn; biases start at 0.",
        options={"he": "He", "xavier": "Xavier", "small": "small random", "zero": "zero"},
        said="first weights {}", short="{}", more=True,
    ),
    "target_accuracy": Choice(
        "share", "Target accuracy",
        "A lane is finished at its first evaluation with this test accuracy; without one it trains all epochs.",
        (0.5, 0.999), presets=(0.9, 0.95, 0.97, 0.98), said="to {}", short="to {}", more=True, option="target",
    ),
    "lanes": Choice("optimizers", "Lanes", "One optimizer each, which may be repeated.", length=(1, MOST_LANES)),
}  # fmt: skip

# In this order the settings of a race are said.
SAID = (
    "learning_rate", "batch_size", "epochs", "activation", "initialisation", "target_accuracy", "hidden", "seed",
)  # fmt: skip

LANE_SETTINGS = {
    "learning_rate": Choice(
        "number", "learning rate", "This lane’s own; without one it has the run’s shared learning rate.", RATE,
        presets=RATES, short="lr {}",
    ),
    "schedule": Choice(
        "option", "schedule", "How the learning rate changes over the steps.",
        options={"constant": "constant", "step": "step", "cosine": "cosine", "warmup_cosine": "warm-up cosine"},
        short="{}",
    ),
    "weight_decay": Choice(
        "number", "weight decay λ",
        "How strongly each step pulls weights to 0: λθ joins the gradient; where the rule has λ, θ shrinks by ηλθ.",
        (0, 1), presets=(0, 0.0001, 0.001, 0.01, 0.1), short="wd {}",
    ),
}  # fmt: skip

# What the page's form for a sweep goes over, beside optimizers.
SWEEP = {
    "lowest": Choice(
        "number", "Learning rates from", "The lowest one.", RATE, presets=(0.00001, 0.0001, 0.001), default=0.0001,
    ),
    "highest": Choice("number", "Learning rates to", "The highest one.", RATE, presets=(0.1, 1, 10), default=1),
    "rates": Choice(
        "whole", "How many rates", "Evenly spaced on a logarithmic axis.", (2, 40), presets=(5, 9, 13, 17), default=9,
    ),
    "seeds": Choice(
        "whole", "Seeds", "Random starts at each rate: two or more show the spread.", (1, MOST_SEEDS),
        presets=(1, 2, 3, 5, 10), default=3,
    ),
}  # fmt: skip

# What can be closed, by the template's data-panel.
PANELS = {
    "train-loss": "Training loss",
    "train-accuracy": "Training accuracy",
    "test-accuracy": "Test accuracy",
    "test-loss": "Test loss",
    "gap": "Trained on / never seen",
    "push": "Push per weight",
    "followed": "Followed weights",
    "weights": "Weights",
    "replay": "Replay",
    "standings": "Standings",
    "reach": "Batches to reach",
    "digits": "Hard digits",
    "draw": "Draw a digit",
    "confusion": "Confusion",
}

# Those that can stand on the stage.
INSTRUMENTS = {name: title for name, title in PANELS.items() if name != "replay"}

# How a race is shown, and how fast it goes: in links, beside what is raced.
VIEW = {
    "x": Choice(
        "option", "Horizontal axis",
        options={
            "log": "batches, log", "step": "batches", "epoch": "epochs", "examples": "examples", "seconds": "seconds",
        },
        default="log",
    ),
    "reach": Choice(
        "option", "Axis ends", options={"race": "at the leader", "plan": "at the plan’s end"}, default="race"
    ),
    "loss_scale": Choice("option", "Loss axis", options={"log": "log", "linear": "linear"}, default="log"),
    "smoothing": Choice(
        "number", "Smoothing", "Weight of the past in the running averages.", (0, 0.999), default=0.95
    ),
    "pace": Choice("pace", "Pace", "Batches a second of each lane.", (0.5, 1000), presets=(200, 50, 10, 2)),
    "hide": Choice("names", "Closed panels", options=PANELS, default=[]),
    "stage": Choice(
        "names", "On the stage", length=(2, 2), options=INSTRUMENTS, default=["train-loss", "test-accuracy"]
    ),
    "seeds": Choice("whole", "Seeds", range=(1, MOST_SEEDS), default=1),
    "ghosts": Choice("ids", "Earlier runs", length=(0, 3), default=[]),
    "series": Choice("ids", "Other seeds", length=(0, MOST_SEEDS - 1), default=[]),
    "present": Choice("flag", "Presenting", default=False),
}  # fmt: skip
