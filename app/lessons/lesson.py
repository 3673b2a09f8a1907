"""One question to a class, and the votes on it, which are hidden until the teacher shows them or reveals the answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
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


class KeptLesson(NamedTuple):
    """All of a lesson that outlives its server. `visitor` started it, and `votes` has the choice of each voter."""

    id: str
    experiment: str
    guesses: dict[str, str]
    owner: str
    visitor: str
    ends_at: datetime
    votes_shown: bool
    result: Shown | None
    votes: dict[str, str]


class Lesson:
    """Each voter has one vote, which can be changed until the lesson is revealed.

    `owner` is the hex digest of the teacher's key. `version` grows with each change, and each vote has the version at
    which it was cast.
    """

    def __init__(self, lesson_id: str, experiment: str, guesses: Mapping[str, str], owner: str) -> None:
        self.id, self.experiment, self.owner = lesson_id, experiment, owner
        self.guesses = dict(guesses)
        """Each guess by its key, in words."""
        self.votes_shown = False
        self.result: Shown | None = None
        self.outcome: Outcome | None = None
        self.version = 0
        self.votes: dict[str, str] = {}
        """The choice of each voter."""
        self._voted: dict[str, int] = {}

    def vote(self, voter: str, choice: str) -> None:
        """Raises InvalidVote, VotingClosed or TooManyVoters."""
        if choice not in self.guesses:
            raise InvalidVote(f"choice should be one of {', '.join(map(ascii, self.guesses))}; got {choice[:60]!a}.")
        if self.result:
            raise VotingClosed("The answer has been revealed, so votes no longer count.")
        if voter not in self.votes and len(self.votes) >= MOST_VOTERS:
            raise TooManyVoters(f"{MOST_VOTERS} browsers have voted, the most allowed in a lesson.", 60)
        self.version += 1
        self.votes[voter], self._voted[voter] = choice, self.version

    def vote_of(self, voter: str) -> str | None:
        return self.votes.get(voter)

    def voted_since(self, version: int) -> list[str]:
        """Who has voted after this version."""
        return [voter for voter, voted in self._voted.items() if voted > version]

    def show_votes(self, shown: bool) -> None:
        self.version += 1
        self.votes_shown = shown

    def reveal(self, result: Shown) -> None:
        """Close the vote, and show this result. Another one may be shown later, with an answer of its own."""
        if result != self.result:
            self.version += 1
            self.result, self.outcome = result, None

    def settle(self, choice: str | None, sentences: Sequence[str]) -> None:
        """Set the answer, once the result is over."""
        self.outcome = Outcome(choice, list(sentences))

    def restore(self, kept: KeptLesson) -> None:
        """Be as it was kept. The answer is read from the result again."""
        self.votes_shown, self.result, self.votes = kept.votes_shown, kept.result, dict(kept.votes)

    @property
    def right(self) -> int | None:
        """How many voted for the right guess; None while it is not known."""
        if self.outcome is None or self.outcome.choice is None:
            return None
        return list(self.votes.values()).count(self.outcome.choice)

    def describe(self) -> dict[str, Any]:
        """JSON-ready values; docs/protocol.md names every field."""
        counts = dict.fromkeys(self.guesses, 0)
        for choice in self.votes.values():
            counts[choice] += 1
        return {
            "id": self.id,
            "experiment": self.experiment,
            "status": "revealed" if self.result else "voting",
            "voters": len(self.votes),
            "votes": counts if self.votes_shown or self.result else None,
            "result": self.result._asdict() if self.result else None,
            "outcome": self.outcome._asdict() if self.outcome else None,
            "right": self.right,
        }
