"""One lane of a run: what is known of it so far, besides its curves."""

import math

from app.events import TARGETS, Evaluation, LaneEnded, LaneStatus, LearningRateChanged, Parameters
from app.runs.description import Answer, LaneDescription


class Lane:
    """Made by its run, which calls it for its events; `learning_rate` is the one in force, before its schedule."""

    def __init__(self, optimizer: str, learning_rate: float) -> None:
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_changes: list[LearningRateChanged] = []
        self.status = LaneStatus.WAITING
        self.reason: str | None = None
        # How long the process that trains it has not answered; None if it does.
        self.silent_s: int | None = None
        self.ended_at: int | None = None
        self.seconds = 0.0
        # The newest, and the newest over all test digits.
        self.evaluation: Evaluation | None = None
        self.whole_evaluation: Evaluation | None = None
        self.quick_evaluations = 0
        self.parameters: Parameters | None = None
        # The first evaluation at or above each target: its step and its seconds.
        self.reached: dict[float, tuple[int, float]] = {}

    def evaluated(self, event: Evaluation) -> None:
        self.evaluation = event
        if event.quick:
            self.quick_evaluations += 1
            return
        self.whole_evaluation = event
        for target in TARGETS:
            if event.test_accuracy >= target:
                self.reached.setdefault(target, (event.step, event.seconds))

    def changed(self, event: LearningRateChanged) -> None:
        self.learning_rate = event.learning_rate
        if self.learning_rate_changes and self.learning_rate_changes[-1].step == event.step:
            # No step was trained with the one before.
            self.learning_rate_changes.pop()
        self.learning_rate_changes.append(event)

    def ended(self, event: LaneEnded) -> None:
        self.status, self.reason, self.ended_at = event.status, event.reason, event.step
        self.silent_s = None

    def describe(self, number: int, steps: int) -> LaneDescription:
        """The lane as JSON-ready values; docs/protocol.md names every field."""
        evaluation = self.evaluation
        return {
            "lane": number,
            "optimizer": self.optimizer,
            "learning_rate": self.learning_rate,
            "learning_rate_changes": [
                {"step": change.step, "learning_rate": change.learning_rate} for change in self.learning_rate_changes
            ],
            "status": self.status,
            "reason": self.reason,
            "silent_s": self.silent_s,
            "ended_at": self.ended_at,
            "steps": steps,
            "seconds": self.seconds,
            "quick": bool(evaluation and evaluation.quick),
            "test_accuracy": evaluation and evaluation.test_accuracy,
            "test_loss": evaluation and finite(evaluation.test_loss),
            "train_accuracy": evaluation and finite(evaluation.train_accuracy),
            "train_loss": evaluation and finite(evaluation.train_loss),
            "reached": [
                {"accuracy": target, "step": step, "seconds": seconds}
                for target, (step, seconds) in self.reached.items()
            ],
        }

    def answer(self, index: int) -> Answer | None:
        """To the test digit of that number, at the newest evaluation."""
        evaluation = self.whole_evaluation
        if not evaluation or not len(evaluation.answers):
            return None
        return {"digit": int(evaluation.answers[index]), "confidence": finite(float(evaluation.confidence[index]))}


def finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
