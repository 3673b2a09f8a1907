"""The claims as a document in Markdown: each with what was trained, what came out, and whether it holds."""

from collections import Counter
from collections.abc import Mapping, Sequence

from app.claims import batches, longer, optimizers, pushes
from app.claims.claim import Claim, Part, Verdict, verdict
from app.claims.measured import Measured
from app.experiments.one_dial import DEFAULT
from app.experiments.pulls_ahead import CAUSE
from app.experiments.registry import all_experiments

CLAIMS = [*batches.CLAIMS, *optimizers.CLAIMS, *pushes.CLAIMS, *longer.CLAIMS]
# What no training here could decide, and why.
NOT_MEASURED = [
    (
        "The loud signals overshoot while the faint ones barely move.",
        "How far a weight moves is measured, and is in the table above. Whether it goes past its goal is not: where "
        "that lies for one weight changes with all others.",
    ),
    (
        "If the last ten updates all pushed a weight in the same direction, momentum makes the next push bigger. If "
        "the updates keep flipping direction (up, down, up, down), momentum cancels them out and the weight stays "
        "steady.",
        "It follows from the rule, by arithmetic. How often the pushes of a weight agree, or flip, is not recorded in "
        "a training.",
    ),
    (
        "Momentum keeps a running average of past gradients. … Adam does what momentum does, plus one more thing: it "
        "tracks how large each weight's gradients typically are.",
        "It says what the rules are, and not what comes of them.",
    ),
    (
        CAUSE,
        "That Adam is the first is measured, and is in the table above. Why is not: no Adam that adjusts all weights "
        "alike is trained here to compare with.",
    ),
    (
        "At MNIST scale, this problem gets worse.",
        "No network of another scale is trained here to compare with.",
    ),
    (
        'This randomness (the "stochastic" in stochastic gradient descent) prevents the network from memorizing the '
        "order of examples.",
        "The playground shuffles before every epoch; there is no run without it to compare with.",
    ),
    (
        DEFAULT,
        "It is about what others do with other problems.",
    ),
    ("Full-batch gradient descent doesn't scale.", "It is about data sets far larger than this one."),
]
HEAD = """# The article's claims, measured

*Neural Network Optimizers: Training at Scale* explains SGD, Momentum and Adam with the race that this playground
grew from. Here is each of its claims about training: first those that trainings could decide, then, at the end, those
that they could not. `make claims` trains them all and writes this page: no figure, and no verdict, is written by hand.
"""
METHOD = """## How it is decided

A claim is taken apart into what can be seen in a training. Each part came out, or did not, with every seed by itself:
*yes* is with all of them, *no* with none. A claim **holds** if all of its parts came out with all seeds, it **doesn't**
if none came out with any, and otherwise it **holds partly**. All six of six seeds would be chance once in 64 times. A
figure is the median over the seeds, with the lowest and the highest.

A network is at a mark when an evaluation says so. A seed with which another optimizer was there too little sooner or
later to tell, since evaluations lie further apart than that, is *not decided*, as in the experiments. A claim with such
seeds **holds partly** at best, and is **not decided** if no part came out with any seed.

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
            # On a phone the first two columns are in view.
            "| verdict | the article says | what came out | trained, experiment |",
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
    if word == Verdict.UNDECIDED:
        return f"{'is' if number == 1 else 'are'} {word}"
    return word if number == 1 else {"doesn't": "don't"}.get(word, word.replace("holds", "hold"))


def _row(claim: Claim, parts: Sequence[Part]) -> str:
    names = ", ".join(f"*{name}*" for name in claim.trained.split(", "))
    if claim.experiment:
        names += f"<br><br>[{all_experiments()[claim.experiment].title}]({_source(claim.experiment)})"
    return f"| **{verdict(parts)}** | {claim.quote} | {'<br><br>'.join(_part(part) for part in parts)} | {names} |"


def _source(experiment: str) -> str:
    """The file of an experiment: where the document is a page, its links to such files lead to their pages."""
    return f"../app/experiments/{experiment.replace('-', '_')}.py"


def _part(part: Part) -> str:
    return f"{part.says}: **{part.answer}**. {'; '.join(map(str, part.figures))}".rstrip()
