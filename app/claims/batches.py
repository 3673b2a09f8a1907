"""What the article says of mini-batches, and of how large the task is."""

from app.claims.claim import Claim, Figure, Part, fewest, two_digits, whole_number
from app.claims.measured import Measured, Training
from app.report.formats import count, percent, seconds

MINUTE = 60.0
# "Hundreds of quick updates", of which there are at least two; "several minutes", which are at least two, too.
SEVERAL = 2
# After as many updates the two are as good if they differ by no more than this.
AS_GOOD = 0.02
# An update is fast, beside one with all examples, if it takes at most this part of its time.
FAST = 100
# Directions are roughly the same if they are less than 45 degrees apart, and not exactly the same below this cosine.
ROUGHLY, EXACTLY = 0.7, 0.99


def _updates(measured: Measured) -> list[Part]:
    updates = [training.per_epoch for training in measured.small]
    return [
        Part("One epoch is 937 updates", [each == 937 for each in updates], [Figure("updates", updates, whole_number)])
    ]


def _cost(measured: Measured) -> list[Part]:
    each = [training.lane["seconds"] / training.lane["steps"] for training in measured.whole]
    hundred = [100 * cost for cost in each]
    return [
        Part("An update takes a few seconds", [cost >= SEVERAL for cost in each], [Figure("it takes", each, seconds)]),
        Part(
            "100 epochs take several minutes",
            [cost >= SEVERAL * MINUTE for cost in hundred],
            [Figure("they take", hundred, seconds)],
        ),
    ]


def _enough(measured: Measured) -> list[Part]:
    whole, first = [each.accuracy for each in measured.whole], [each.at_epoch(1) for each in measured.small]
    last = [training.lane["steps"] for training in measured.whole]
    small = [training.at(steps).test_accuracy for training, steps in zip(measured.small, last, strict=True)]
    passes = count(measured.whole[0].config.epochs)
    return [
        Part(
            f"One pass with mini-batches gets further than {passes} passes with one update each",
            [one.test_accuracy > other for one, other in zip(first, whole, strict=True)],
            [
                Figure("mini-batches", [each.test_accuracy for each in first], percent),
                Figure(f"all examples, {passes} passes", whole, percent),
            ],
        ),
        Part(
            f"After as many updates ({count(last[0])}) mini-batches are as good, within two points",
            [one >= other - AS_GOOD for one, other in zip(small, whole, strict=True)],
            [Figure("mini-batches", small, percent), Figure("all examples", whole, percent)],
        ),
    ]


def _fast(measured: Measured) -> list[Part]:
    small, whole = (
        [training.lane["seconds"] / training.lane["steps"] for training in group]
        for group in (measured.small, measured.whole)
    )
    return [
        Part(
            f"With all examples an update takes {count(FAST)} times as long, or longer",
            [other >= FAST * one for one, other in zip(small, whole, strict=True)],
            [Figure("times as long", [other / one for one, other in zip(small, whole, strict=True)], whole_number)],
        )
    ]


def _sooner(measured: Measured) -> list[Part]:
    whole = [training.lane["seconds"] for training in measured.whole]
    small = [_catch_up(one, other) for one, other in zip(measured.small, measured.whole, strict=True)]
    updates = [training.per_epoch for training in measured.small]
    return [
        Part(
            "Hundreds of updates an epoch in place of one",
            [each >= SEVERAL * 100 for each in updates],
            [Figure("updates", updates, whole_number)],
        ),
        Part(
            "Mini-batches are sooner as good as all examples were in the end",
            fewest(small, whole),
            [Figure("mini-batches", small, seconds), Figure("all examples", whole, seconds)],
        ),
        Part(
            "That took minutes with all examples",
            [each >= MINUTE for each in whole],
            [Figure("all examples", whole, seconds)],
        ),
    ]


def _catch_up(small: Training, whole: Training) -> float | None:
    return small.seconds_to(whole.accuracy)


def _directions(measured: Measured) -> list[Part]:
    return [
        Part(
            f"{when} it is noisy and points roughly right: less than 45° apart, and not the same",
            [ROUGHLY < cosine < EXACTLY for cosine in cosines],
            [Figure("cosine", cosines, two_digits)],
        )
        for when, cosines in (
            ("In the first batches", [each.first for each in measured.angles]),
            ("At the end of the first epoch", [each.later for each in measured.angles]),
        )
    ]


CLAIMS = [
    Claim("With 60,000 examples and batch size 64, one epoch is 937 updates.", "small", _updates),
    Claim(
        "Computing the gradient using all 60,000 examples requires 60,000 forward and backward passes per update. On a "
        "simple NumPy implementation, that's a few seconds per update. Training for 100 epochs takes several minutes.",
        "whole",
        _cost,
    ),
    Claim("You Don't Need Every Example", "whole, small", _enough, "every-example"),
    Claim(
        "Instead of one slow update per epoch using all data, you get hundreds of quick updates. Training that took "
        "minutes with full-batch finishes in seconds with mini-batches.",
        "whole, small",
        _sooner,
        "every-example",
    ),
    Claim(
        "Each mini-batch gradient is noisy, not the exact direction from all 60,000 examples. But it points roughly "
        "right.",
        "angles",
        _directions,
        "noise",
    ),
    Claim("And it's fast.", "whole, small", _fast, "noise"),
]
