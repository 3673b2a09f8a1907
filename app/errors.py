"""What can go wrong for a caller, as one small tree of exceptions.

Messages are whole sentences for the person who caused them: what was expected, what came, what to do.
`training` stands alone and has its own DatasetError. What is answered to each is in `web.admission.error_answers`.
"""

from typing import Literal

# What a visitor may have, or do within a time.
Limit = Literal[
    "starts", "runs", "viewers", "commands", "polls", "work", "files", "lookups", "connections", "lessons", "votes"
]


class PlaygroundError(Exception):
    """Base of all errors a caller of this package is expected to handle."""


class InvalidConfig(PlaygroundError):
    """The visitor's choices do not make a run that this server will do."""


class RunNotFound(PlaygroundError):
    """No run of that id lives on this server."""


class NoSuchExperiment(PlaygroundError):
    """There is no experiment of that name."""


class StoreUnavailable(PlaygroundError):
    """The database does not answer, so whether there is such a run is unknown."""


class BadDatabaseUrl(PlaygroundError):
    """Runs can't be kept where the operator wants them."""


class TryLater(PlaygroundError):
    """Not now; `retry_after_s` says when it is worth another try, and `limit` which one of a visitor is reached."""

    def __init__(self, message: str, retry_after_s: float, limit: Limit | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.limit = limit


class Busy(TryLater):
    """There is no room now."""


class TooManyRuns(Busy):
    """Every running and queued place is taken."""


class QuotaExceeded(Busy):
    """One visitor has, or asks for, more than may be."""


class RateLimited(QuotaExceeded):
    """Commands to one run come faster, or go on for longer, than may be."""


class TooManyViewers(Busy):
    """As many viewers are here as may be."""


class Overloaded(TryLater):
    """Too much was requested at once; none of it has been done."""


class VisitorOverloaded(Overloaded):
    """One visitor asks for too much at once."""


class WrongPassphrase(PlaygroundError):
    """Runs are started here by those who know the passphrase."""


class ShuttingDown(PlaygroundError):
    """The server is about to end: races are saved, and nothing more is started."""


class Starting(PlaygroundError):
    """The server answers, and its workers are being started."""


class CannotStart(PlaygroundError):
    """The machine does not give what a server needs."""


class NodeLost(PlaygroundError):
    """A machine of the cluster does not answer any more, or what it ran for this server has ended."""

    def __init__(self, message: str = "The machine that this race ran on was lost.") -> None:
        super().__init__(message)


class NotOwner(PlaygroundError):
    """The command came without the key of the run."""


class TooManyChanges(PlaygroundError):
    """Each change of a learning rate is kept and sent with the run, so there is a limit to them."""


class NotRunning(PlaygroundError):
    """The command can't be followed: the run, or the lane, does not race."""


class NotInstalled(PlaygroundError):
    """What makes or reads such a file is not installed."""


class NothingToShow(PlaygroundError):
    """What the picture is made from has not come yet, or is not kept any more."""


class CursorMismatch(PlaygroundError):
    """A viewer's cursor does not fit the run it names."""


class IllegalMove(PlaygroundError):
    """An event came that the run's status does not allow."""


class LessonNotFound(PlaygroundError):
    """No lesson of that id is on."""


class InvalidVote(PlaygroundError):
    """The vote is for none of the guesses, or comes from no browser."""


class VotingClosed(PlaygroundError):
    """The answer has been revealed."""


class TooManyVoters(Busy):
    """A lesson has as many votes as it takes."""


class TooManyLessons(Busy):
    """As many lessons are on as may be."""
