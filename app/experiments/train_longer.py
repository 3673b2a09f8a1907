"""Train longer and something breaks: thirty epochs of Adam, on digits it is trained on and on unseen ones."""

import math

from app.config import RunConfig
from app.experiments.base import Answer, Experiment, Guess, Next, Race, RaceResult
from app.experiments.picture import Line, Picture
from app.experiments.verdict import Part, claim
from app.report.formats import fixed, percent, points, target
from app.report.lane_view import Evaluated, LaneView
from app.report.result import has_fallen
from app.report.story_memorizing import RISE, turned
from app.runs.history import COLUMNS, Kind

RACE = RunConfig.of({"lanes": [{"optimizer": "adam"}], "learning_rate": 0.001, "epochs": 30})
MEMORIZED = 0.99
# Test accuracy drops if it ends so far below its best, and stalls if the second half brought less than that.
DROP, GAIN = 0.005, 0.003


def answer(result: RaceResult) -> Answer:
    lane = next((lane for lane in result.lanes if not has_fallen(lane.lane)), None)
    measured = [each for each in lane.evaluations if each.step > 0 and not each.quick] if lane else []
    if lane is None or len(measured) < 2:
        return Answer(None, ["It has not been measured often enough yet."])
    sentences = [_training(result, measured), _testing(result, measured), _loss(result, lane, measured)]
    if not result.finished:
        return Answer(None, sentences)
    return Answer(ending(measured), [*sentences, _verdict(lane, measured)])


def _verdict(lane: LaneView, measured: list[Evaluated]) -> str:
    end, memorizes = ending(measured), turned(lane) is not None
    memorized = max(each.train_accuracy for each in measured) >= MEMORIZED
    return claim(
        [
            Part(memorized, f"training accuracy {'passed' if memorized else 'did not pass'} {target(MEMORIZED)}"),
            Part(end != "climbs", f"test accuracy {'kept climbing' if end == 'climbs' else 'stalled'}"),
            Part(end == "drops", "it dropped" if end == "drops" else "it did not drop"),
            Part(
                memorizes,
                "it is memorizing: the test loss rose again while the gap to training accuracy was open"
                if memorizes
                else "no sign of memorizing: the test loss has not turned",
            ),
        ]
    )


def ending(measured: list[Evaluated]) -> str:
    """How the test accuracy ends: it "climbs", "stalls" or "drops"."""
    end = measured[-1]
    if max(each.test_accuracy for each in measured) - end.test_accuracy >= DROP:
        return "drops"
    first_half = [each.test_accuracy for each in measured if each.step <= end.step / 2]
    return "climbs" if not first_half or end.test_accuracy - max(first_half) >= GAIN else "stalls"


def _training(result: RaceResult, measured: list[Evaluated]) -> str:
    end = measured[-1]
    passed = next((each for each in measured if each.train_accuracy >= MEMORIZED), None)
    if passed is None:
        best = max(each.train_accuracy for each in measured)
        return f"Training accuracy did not pass {target(MEMORIZED)}: it reached {percent(best)}."
    # The last evaluation of a lane that has finished is over all of them, those before are over a part.
    now = f"{'ends' if result.finished else 'is now'} at {percent(end.train_accuracy)}"
    now += " over all training digits" if result.finished else ""
    return f"Training accuracy passed {target(MEMORIZED)} in epoch {_epoch(result, passed)} and {now}."


def _testing(result: RaceResult, measured: list[Evaluated]) -> str:
    end, best = measured[-1], max(measured, key=lambda each: each.test_accuracy)
    below = best.test_accuracy - end.test_accuracy
    where = f"Test accuracy was best in epoch {_epoch(result, best)} with {percent(best.test_accuracy)}"
    if best is end:
        return f"Test accuracy is best at the very end, with {percent(end.test_accuracy)}."
    return {
        "drops": f"{where} and dropped to {percent(end.test_accuracy)}, {points(below)} lower.",
        "stalls": f"{where} and ends at {percent(end.test_accuracy)}: it stalls, it does not drop.",
        "climbs": f"{where} and ends at {percent(end.test_accuracy)}: it was still climbing in the second half.",
    }[ending(measured)]


def _loss(result: RaceResult, lane: LaneView, measured: list[Evaluated]) -> str:
    end = measured[-1]
    if lowest := turned(lane):
        turn = _epoch(result, lowest)
        breaks = f"The loss shows what breaks: on unseen digits it turned in epoch {turn}, and rose from"
        low, last = fixed(lowest.test_loss, 3), fixed(end.test_loss, 3)
        if end.test_loss >= RISE * lowest.test_loss:
            return f"{breaks} {low} to {last}."
        # It has come down again, mostly by chance.
        highest = max(each.test_loss for each in measured if each.step > lowest.step and math.isfinite(each.test_loss))
        return f"{breaks} {low} to {fixed(highest, 3)} at its highest; its last is {last}."
    least = min((each.test_loss for each in measured if math.isfinite(each.test_loss)), default=end.test_loss)
    if least == end.test_loss:
        return f"The test loss has not turned: its last is its lowest, {fixed(least, 3)}."
    return f"The test loss has not turned: its lowest was {fixed(least, 3)}, its last is {fixed(end.test_loss, 3)}."


def _epoch(result: RaceResult, evaluated: Evaluated) -> int:
    return max(1, math.ceil(result.epochs(evaluated.step)))


def picture(result: RaceResult) -> Picture:
    """Training loss, dashed, and test loss by batches, the losses on a log scale."""
    lines = []
    for look, table in zip(result.looks, result.evaluations, strict=True):
        columns = dict(zip(COLUMNS[Kind.EVALUATIONS], table.tolist(), strict=True))
        for column, name, trained in (("train_loss", "training", True), ("test_loss", "test", False)):
            rows = zip(columns["step"], columns[column], columns["quick"], strict=True)
            points = [(step, math.log10(loss)) for step, loss, quick in rows if step > 0 and loss > 0 and not quick]
            lines.append(Line(name, look, points, given=trained, dashed=trained))
    return Picture("Loss by batches", lines)


EXPERIMENT = Experiment(
    order=5,
    name="train-longer",
    title="Train longer and something breaks",
    claim=(
        "But train longer and something breaks. Training accuracy keeps climbing, past 99%. Test accuracy stalls and "
        "drops. The network isn't learning patterns anymore. It's memorizing training examples."
    ),
    question="Adam trains for 30 epochs. What becomes of its accuracy on digits it has never seen?",
    guesses=(
        Guess("climbs", "It climbs to the end"),
        Guess("stalls", "It stalls"),
        Guess("drops", "It stalls and drops"),
    ),
    runs=Race(
        RACE,
        answer,
        picture,
        {"stage": ["gap", "test-loss"], "hide": ["test-loss"], "x": "epoch"},
        walls=False,
    ),
    look="Watch the shaded gap between training and test, and the epoch from which the test loss climbs again.",
    next=Next(
        "Let the network forget a little: the same race with weight decay 0.0001.",
        "/?lanes=adam&learning_rate=0.001&epochs=30&adam.weight_decay=0.0001&stage=gap,test-loss&hide=test-loss&x=epoch",
    ),
)
