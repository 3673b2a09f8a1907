"""What the article says of single weights: how large their gradients are, and how far they are moved."""

from app.claims.claim import Claim, Figure, Part, two_digits, whole_number
from app.claims.measured import Measured
from app.experiments.same_push import COMPARED, LIKE_SGD
from app.report.formats import count

# Some weights get large gradients, others barely any: at least so many times smaller.
DECADES = 2.0
# By how many decades a step grows with each decade of its weight's gradient: 1 is one learning rate for all.
ALIKE, OWN = (0.9, 1.1), 0.5


def _loud_and_quiet(measured: Measured) -> list[Part]:
    decades = [training.push.decades for training in measured.race["sgd"]]
    return [
        Part(
            f"Some weights get {count(round(10**DECADES))} times larger gradients than others, or more",
            [each >= DECADES for each in decades],
            [Figure("loud to quiet, times", [10**each for each in decades], whole_number)],
        )
    ]


def _one_for_all(measured: Measured) -> list[Part]:
    slopes = [training.push.slope for training in measured.race["sgd"]]
    return [
        Part(
            "With SGD a weight with a tenth of the gradient moves a tenth as far",
            [ALIKE[0] <= slope <= ALIKE[1] for slope in slopes],
            [Figure("decades of step for each decade of gradient", slopes, two_digits)],
        )
    ]


def _own(measured: Measured) -> list[Part]:
    slopes = [training.push.slope for training in measured.race["adam"]]
    return [
        Part(
            "With Adam a weight with a tenth of the gradient moves more than a third as far",
            [slope < OWN for slope in slopes],
            [Figure("decades of step for each decade of gradient", slopes, two_digits)],
        )
    ]


def _smaller_and_bigger(measured: Measured) -> list[Part]:
    """As the experiment judges it: bigger, and smaller, than one learning rate for all would make the step."""
    less = {name: [COMPARED**training.push.slope for training in measured.race[name]] for name in ("sgd", "adam")}
    return [
        Part(
            f"With Adam a weight with a {count(COMPARED)} times smaller gradient moves fewer than "
            f"{count(LIKE_SGD)} times less",
            [times < LIKE_SGD for times in less["adam"]],
            [
                Figure("times less with SGD", less["sgd"], whole_number),
                Figure("with Adam", less["adam"], whole_number),
            ],
        )
    ]


CLAIMS = [
    Claim(
        "With 100,000 weights, some are tuning into strong signals and getting large gradients on every update. Others "
        "are listening for faint signals and barely getting any gradient at all.",
        "race",
        _loud_and_quiet,
        "same-push",
    ),
    Claim("SGD applies the same learning rate to every weight.", "race", _one_for_all, "same-push"),
    Claim("Every weight gets its own learning rate, adjusted automatically.", "race", _own, "same-push"),
    Claim(
        "A weight that always gets big gradients is already moving fast, so Adam gives it smaller steps to avoid "
        "overshooting. A weight that gets tiny gradients is barely moving, so Adam gives it bigger steps to catch up.",
        "race",
        _smaller_and_bigger,
        "same-push",
    ),
]
