"""One question to a class, and the votes on it, which are hidden until the teacher shows them or reveals the answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from app.errors import InvalidVote, TooManyVoters, VotingClosed

# More than the largest lecture; the bound is there because the ids of browsers can be made up.
MOST_VOTERS = 400


Kind = Literal["run", "sweep"]


class Shown(NamedTuple):
    """The run or the sweep that the answer is read from."""

    kind: Kind
    id: str


class Outcome(NamedTuple):
    """The key of the right guess, None where the result does not decide it; and why."""

    choice: str | None
    sentences: list[str]


class Lesson:
    """Each browser has one vote, which can be changed until the lesson is revealed.

    `owner` is the hex digest of the teacher's key.
    """

    def __init__(self, lesson_id: str, experiment: str, guesses: Mapping[str, str], owner: str) -> None:
        self.id, self.experiment, self.owner = lesson_id, experiment, owner
        self.guesses = dict(guesses)
        """Each guess by its key, in words."""
        self.votes_shown = False
        self.result: Shown | None = None
        self.outcome: Outcome | None = None
        self._votes: dict[str, str] = {}

    def vote(self, browser: str, choice: str) -> None:
        """Raises InvalidVote, VotingClosed or TooManyVoters."""
        if choice not in self.guesses:
            raise InvalidVote(f"choice should be one of {', '.join(map(ascii, self.guesses))}; got {choice[:60]!a}.")
        if self.result:
            raise VotingClosed("The answer has been revealed, so votes count no more.")
        if browser not in self._votes and len(self._votes) >= MOST_VOTERS:
            raise TooManyVoters(f"{MOST_VOTERS} browsers have voted, the most that a lesson takes.", 60)
        self._votes[browser] = choice

    def vote_of(self, browser: str) -> str | None:
        return self._votes.get(browser)

    def show_votes(self, shown: bool) -> None:
        self.votes_shown = shown

    def reveal(self, result: Shown) -> None:
        """Close the vote, and show this result. Another one may be shown later, with an answer of its own."""
        if result != self.result:
            self.result, self.outcome = result, None

    def settle(self, choice: str | None, sentences: Sequence[str]) -> None:
        """Set the answer, once the result is over."""
        self.outcome = Outcome(choice, list(sentences))

    @property
    def right(self) -> int | None:
        """How many voted for the right guess; None while it is not known."""
        if self.outcome is None or self.outcome.choice is None:
            return None
        return list(self._votes.values()).count(self.outcome.choice)

    def describe(self) -> dict[str, Any]:
        """JSON-ready values; docs/protocol.md names every field."""
        counts = dict.fromkeys(self.guesses, 0)
        for choice in self._votes.values():
            counts[choice] += 1
        return {
            "id": self.id,
            "experiment": self.experiment,
            "status": "revealed" if self.result else "voting",
            "voters": len(self._votes),
            "votes": counts if self.votes_shown or self.result else None,
            "result": self.result._asdict() if self.result else None,
            "outcome": self.outcome._asdict() if self.outcome else None,
            "right": self.right,
        }
