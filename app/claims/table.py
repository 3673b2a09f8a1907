"""The claims as a document in Markdown: each with what was trained, what came out, and whether it holds."""

from collections import Counter
from collections.abc import Mapping, Sequence

from app.claims import batches, longer, optimizers
from app.claims.claim import Claim, Part, verdict
from app.claims.measured import Measured

CLAIMS = [*batches.CLAIMS, *optimizers.CLAIMS, *longer.CLAIMS]
# What no training here could decide, and why.
NOT_MEASURED = [
    (
        'This randomness (the "stochastic" in stochastic gradient descent) prevents the network from memorizing the '
        "order of examples.",
        "The playground shuffles before every epoch; there is no run without it to compare with.",
    ),
    (
        "In practice, Adam is the default choice for most problems.",
        "It is about what others do with other problems.",
    ),
    ("Full-batch gradient descent doesn't scale.", "It is about data sets far larger than this one."),
]
HEAD = """# The article's claims, measured

*Neural Network Optimizers: Training at Scale* explains SGD, Momentum and Adam with the race that this playground
grew from. Here is each of its claims beside what trainings said of it. `make claims` trains them all and writes this
page: no figure, and no verdict, is written by hand.
"""
METHOD = """## How it is decided

A claim is taken apart into what can be seen in a training. Each part came out, or did not, with every seed by itself:
*yes* is with all of them, *no* with none. A claim **holds** if all of its parts came out with all seeds, it **doesn't**
if none came out with any, and otherwise it **holds partly**. All six of six seeds would be chance once in 64 times. A
figure is the median over the seeds, with the lowest and the highest.

Accuracy is that on all test digits, unless it says training. Seconds are CPU seconds of training on one core, and so
depend on the machine; batches and accuracies do not. A range of learning rates is as wide as from its first to its last
rate of the grid: two ranges that differ by one step of it may be as wide as each other. *Best learning rate*, and
*within a point of the best*, are as in [how a sweep is judged](method.md).
"""


def document(measured: Measured, trained: Mapping[str, str], seeds: Sequence[int], made: str) -> str:
    """The page; `trained` says what each group of trainings was, `made` when, on what and for how long."""
    judged = [(claim, claim.parts(measured)) for claim in CLAIMS]
    counts = Counter(verdict(parts).value for _, parts in judged)
    return "\n".join(
        [
            HEAD,
            f"Of {len(judged)} claims "
            f"{', '.join(f'{number} {_verb(word, number)}' for word, number in counts.most_common())}. {made}\n",
            "| the article says | trained | what came out | verdict |",
            "|---|---|---|---|",
            *(_row(claim, parts) for claim, parts in judged),
            "",
            f"## What was trained\n\nEach with the seeds {seeds[0]} to {seeds[-1]}.\n",
            "| | |\n|---|---|",
            *(f"| *{name}* | {says} |" for name, says in trained.items()),
            "",
            METHOD,
            "## What was not measured\n",
            "| the article says | why not |\n|---|---|",
            *(f"| {quote} | {why} |" for quote, why in NOT_MEASURED),
            "",
        ]
    )


def _verb(word: str, number: int) -> str:
    return word if number == 1 else {"doesn't": "don't"}.get(word, word.replace("holds", "hold"))


def _row(claim: Claim, parts: Sequence[Part]) -> str:
    names = ", ".join(f"*{name}*" for name in claim.trained.split(", "))
    return f"| {claim.quote} | {names} | {'<br><br>'.join(_part(part) for part in parts)} | **{verdict(parts)}** |"


def _part(part: Part) -> str:
    return f"{part.says}: **{part.answer}**. {'; '.join(map(str, part.figures))}".rstrip()
