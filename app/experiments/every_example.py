"""You don't need every example: full batch beside 1,024 and 64, by passes over the data and by seconds."""

from app.config import RunConfig
from app.experiments.base import MARK, Answer, CellResult, Experiment, Guess, Next, Sweep, SweepResult
from app.experiments.batch_order import AXES, SIZES, Order, doubt, key_of, name_of, names_of, order_by
from app.experiments.picture import Line, Picture, logged
from app.experiments.verdict import Part, claim
from app.report.drawing import looks
from app.report.formats import counted, fine_seconds, fixed, listed, percent, plain, points, target

MINUTE_S = 60
# Accuracies at the end that differ by less are level: so far apart are those of 64 at a time with six seeds. 1,024 at a
# time ended 0.6 to 1.2 points above them with each.
LEVEL = 0.005


def answer(result: SweepResult) -> Answer:
    passes, seconds = (order_by(result.cells, axis) for axis in AXES)
    sentences = [order.told(result.finished) for order in (passes, seconds) if order.needed]
    never = [cell.at["batch_size"] for cell in result.cells if not cell.passed(MARK)]
    if never and sentences and result.finished:
        sentences.append(f"{_capital(names_of(never))} did not get there.")
    sentences += _ends(result.cells)
    if not sentences:
        return Answer(None, [f"No training has read {target(MARK)} of the unseen digits."])
    if not result.finished or not passes.needed or len(result.cells) < 2:
        return Answer(None, sentences)
    sentences += [_what_is_counted(passes, seconds), *_how_far(result.cells, passes, seconds), doubt()]
    sentences += _verdict(result.cells, seconds)
    if not passes.first or not seconds.first:
        return Answer(None, sentences)
    return Answer(key_of(passes.first) if passes.first == seconds.first else "depends", sentences)


def _what_is_counted(passes: Order, seconds: Order) -> str:
    if not passes.first or not seconds.first:
        return "Whether what is counted makes a difference is not decided."
    if passes.first == seconds.first:
        return f"What is counted makes no difference: {name_of(passes.first)} is first by both."
    return (
        f"What is counted makes a difference: {name_of(passes.first)} is first by {passes.axis}, and "
        f"{name_of(seconds.first)} by {seconds.axis}."
    )


def _how_far(cells: list[CellResult], passes: Order, seconds: Order) -> list[str]:
    """Whether another one is ahead at the end; nothing unless one is first by both, and another came to its end."""
    ends = {cell.at["batch_size"]: cell.accuracy for cell in cells if cell.accuracy is not None}
    if len(ends) < 2 or not passes.first or passes.first != seconds.first:
        return []
    second, best = sorted(ends.values())[-2:]
    if best - second < LEVEL:
        ahead = [size for size, accuracy in ends.items() if best - accuracy < LEVEL]
        told = f"at the end {names_of(ahead)} are less than {points(LEVEL)} apart"
        return [f"Whether how far makes a difference is not decided: {told}."]
    first = max(ends, key=lambda size: ends[size])
    if first == passes.first:
        return [f"How far makes no difference: at the end {name_of(first)} is ahead, too."]
    return [f"How far makes a difference: at the end {name_of(first)} is ahead, by {points(best - second)}."]


def _verdict(cells: list[CellResult], seconds: Order) -> list[str]:
    """Whether full batch took minutes, and small batches seconds; nothing where one of the two was not trained."""
    full = next((cell for cell in cells if key_of(cell.at["batch_size"]) == "full"), None)
    small = {size: needed for size, needed in seconds.needed.items() if key_of(size) != "full"}
    if full is None or not small:
        return []
    first, passed, name = min(small, key=lambda size: small[size]), full.passed(MARK), name_of(full.at["batch_size"])
    spent = passed.seconds if passed else full.evaluations[-1].seconds if full.evaluations else 0.0
    took = f"{name} {'took' if passed else 'did not get there in'} {fine_seconds(spent)}"
    minutes = f"{took}, not minutes" if spent < MINUTE_S else took
    sooner = f"to {target(MARK)}, {name_of(first)} took {fine_seconds(small[first])}"
    if full.at["batch_size"] not in seconds.firsts:
        holds = Part(True, sooner)
    elif seconds.first:
        holds = Part(False, sooner)
    else:
        holds = Part(None, f"{sooner}, and whether that is sooner is not decided")
    return [claim([holds, Part(spent >= MINUTE_S, minutes)])]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _ends(cells: list[CellResult]) -> list[str]:
    """The accuracy of each at its end, or, if it has not ended, so far."""
    done = [cell for cell in cells if cell.accuracy is not None and cell.evaluations]
    short = [cell for cell in cells if cell.accuracy is None and cell.evaluations]
    found = []
    if done:
        passes = counted(fixed(max(cell.evaluations[-1].epochs for cell in done), 0), "pass", "passes")
        ends = listed([f"{percent(cell.accuracy or 0)} with {name_of(cell.at['batch_size'])}" for cell in done])
        found.append(f"After {passes} the network reads {ends}.")
    for cell in short:
        epochs, accuracy = cell.evaluations[-1].epochs, cell.evaluations[-1].test_accuracy
        found.append(
            f"{_capital(name_of(cell.at['batch_size']))} got to {percent(accuracy)} in {fixed(epochs, 2)} passes."
        )
    return found


def picture(result: SweepResult) -> Picture:
    """Test accuracy by seconds of training, these on a log scale."""
    lines = [
        Line(
            name_of(cell.at["batch_size"]),
            look,
            logged((each.seconds, each.test_accuracy) for each in cell.evaluations),
            given=key_of(cell.at["batch_size"]) == "full",
        )
        for cell, look in zip(result.cells, looks([cell.at["optimizer"] for cell in result.cells]), strict=True)
    ]
    return Picture("Test accuracy by seconds of training", lines)


EXPERIMENT = Experiment(
    order=1,
    name="every-example",
    title="You don’t need every example",
    claim=(
        "Instead of one slow update per epoch using all data, you get hundreds of quick updates. Training that "
        "took minutes with full-batch finishes in seconds with mini-batches."
    ),
    question=(
        "The same network learns with Adam from 64 examples at a time, from 1,024 or from all 60,000, at the learning "
        f"rate {plain(RunConfig().learning_rate)}. Which is first to read {target(MARK)} of the "
        "unseen digits, by passes over the data and by seconds?"
    ),
    guesses=(
        Guess("64", "64 at a time, by both"),
        Guess("1024", "1,024 at a time, by both"),
        Guess("full", "All 60,000 at once, by both"),
        Guess("depends", "One by passes, another by seconds"),
    ),
    runs=Sweep({"optimizer": ["adam"], "batch_size": list(SIZES)}, answer, picture, {"epochs": 20}),
    look="Watch the same curves by epochs, then by seconds.",
    next=Next("Watch a full-batch race update by update.", "/?lanes=adam&batch_size=60000&epochs=20"),
)
