"""What the article says of training longer."""

import math

from app.claims.batches import MINUTE
from app.claims.claim import Claim, Figure, Part, signed_points, whole_number
from app.claims.measured import Measured, Training
from app.experiments.train_longer import DROP, GAIN, MEMORIZED, ending
from app.report.formats import count, fixed, percent, points, seconds, target
from app.report.story_memorizing import GAP, RISE, turned
from app.training.evaluation import TRAIN_SAMPLE

WITHIN_MINUTES = 10


def _loss(value: float) -> str:
    return fixed(value, 3)


def _in_minutes(measured: Measured) -> list[Part]:
    training = [
        next((each.seconds for each in one.evaluations if each.train_accuracy >= MEMORIZED), None)
        for one in measured.longer
    ]
    unseen = [one.seconds_to(MEMORIZED) for one in measured.longer]
    best = [_best(one) for one in measured.longer]
    return [
        Part(
            f"{target(MEMORIZED)} of the training digits within {WITHIN_MINUTES} minutes",
            [each is not None and each <= WITHIN_MINUTES * MINUTE for each in training],
            [Figure("they took", training, seconds)],
        ),
        Part(
            f"{target(MEMORIZED)} of the test digits within {WITHIN_MINUTES} minutes",
            [each is not None and each <= WITHIN_MINUTES * MINUTE for each in unseen],
            [Figure("highest test accuracy", best, percent)],
        ),
    ]


def _best(training: Training) -> float:
    return max(each.test_accuracy for each in training.evaluations)


def _climbs(measured: Measured) -> list[Part]:
    halfway = [training.at(training.lane["steps"] // 2).train_accuracy for training in measured.longer]
    # The last evaluation alone is over all training digits, others are over the first of them.
    late = [training.evaluations[-2].train_accuracy for training in measured.longer]
    ends = [training.lane["train_accuracy"] or 0.0 for training in measured.longer]
    return [
        Part(
            f"By the same {count(TRAIN_SAMPLE)} digits it is higher just before the end than halfway",
            [end > half for half, end in zip(halfway, late, strict=True)],
            [Figure("halfway", halfway, percent), Figure("at the end", late, percent)],
        ),
        Part(
            f"It ends past {target(MEMORIZED)}",
            [end > MEMORIZED for end in ends],
            [Figure("all training digits", ends, percent)],
        ),
    ]


def _stalls_and_drops(measured: Measured) -> list[Part]:
    found = [ending(training.evaluations) for training in measured.longer]
    best, ends = [_best(training) for training in measured.longer], [training.accuracy for training in measured.longer]
    return [
        Part(
            f"It stalls: it ends less than {points(GAIN)} above the best of the first half",
            [each in ("stalls", "drops") for each in found],
            [Figure("best", best, percent)],
        ),
        Part(
            f"It drops: it ends {points(DROP)} or more below the best",
            [each == "drops" for each in found],
            [Figure("at the end", ends, percent)],
        ),
    ]


def _memorizes(measured: Measured) -> list[Part]:
    turns = [turned(training.view) for training in measured.longer]
    lowest = [min(each.test_loss for each in training.evaluations) for training in measured.longer]
    ends = [training.evaluations[-1].test_loss for training in measured.longer]
    epochs = [
        turn and float(math.ceil(turn.step / training.per_epoch))
        for turn, training in zip(turns, measured.longer, strict=True)
    ]
    return [
        Part(
            f"Test loss turns, and rises by {percent(RISE - 1, 0)} or more while the gap to training accuracy is open",
            [turn is not None for turn in turns],
            [
                Figure("it turns in epoch", epochs, whole_number),
                Figure("lowest", lowest, _loss),
                Figure("at the end", ends, _loss),
            ],
        )
    ]


def _gap(measured: Measured) -> list[Part]:
    gaps = [(training.lane["train_accuracy"] or 0.0) - training.accuracy for training in measured.longer]
    return [
        Part(
            "At the end training accuracy is more than a point above test accuracy",
            [gap > GAP for gap in gaps],
            [Figure("gap", gaps, signed_points)],
        )
    ]


CLAIMS = [
    Claim("99% accuracy on MNIST in minutes.", "longer", _in_minutes),
    Claim("Training accuracy keeps climbing, past 99%.", "longer", _climbs, "train-longer"),
    Claim(
        "But train longer and something breaks. … Test accuracy stalls and drops.",
        "longer",
        _stalls_and_drops,
        "train-longer",
    ),
    Claim(
        "The network isn't learning patterns anymore. It's memorizing training examples.",
        "longer",
        _memorizes,
        "train-longer",
    ),
    Claim("That gap between training and test accuracy is called overfitting.", "longer", _gap, "train-longer"),
]
