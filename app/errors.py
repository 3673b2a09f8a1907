"""What can go wrong for a caller, as one small tree.

PlaygroundError
├── InvalidConfig    the visitor's choices do not make a run
├── RunNotFound      no run of that id
├── StoreUnavailable        runs that are not in memory cannot be looked for at the moment
├── BadDatabaseUrl       the operator asked for a store that there is not
├── Busy             not now, but later
│   ├── TooManyRuns     running and queued places are all taken
│   ├── QuotaExceeded         one visitor has, or asks for, more than a share
│   │   └── RateLimited         more commands to a run than anybody gives by hand
│   └── TooManyViewers  as many watch as may
├── Crowded          too much is looked for or made at once
├── WrongPassphrase  a run is to be started without the passphrase
├── Draining         the server is about to end, and starts nothing more
├── Starting         the workers are not ready yet
├── CannotStart      the server can't begin, or lacks what it needs of the machine
├── NotOwner         a command to a run by somebody who has not started it
├── TooManyChanges   a lane's learning rate has been changed often enough
├── NotRunning       a command that needs a run, or a lane, that is racing
├── NotInstalled     a file that needs a library which is not there
├── NothingToShow    a picture of a run that has nothing for it yet, or no more
├── CursorMismatch   a viewer's cursor is not one of this run
└── IllegalMove      an event that the run's status does not allow: a fault of ours

Messages are whole sentences for the person who caused them: what was expected, what came, what to do.
`training` stands alone and has its own DatasetError.
"""


class PlaygroundError(Exception):
    """Base of all errors a caller of this package is expected to handle."""


class InvalidConfig(PlaygroundError):
    """The visitor's choices do not make a run that this server will do."""


class RunNotFound(PlaygroundError):
    """No run of that id lives on this server."""


class StoreUnavailable(PlaygroundError):
    """The database does not answer: whether there is such a run, nobody knows."""


class BadDatabaseUrl(PlaygroundError):
    """Runs can't be kept where the operator wants them."""


class Busy(PlaygroundError):
    """There is no room now; `retry_after_s` says when it is worth another try."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooManyRuns(Busy):
    """Every running and queued place is taken."""


class QuotaExceeded(Busy):
    """One visitor has, or asks for, more than may be."""


class RateLimited(QuotaExceeded):
    """Commands to one run come faster, or go on for longer, than may be."""


class TooManyViewers(Busy):
    """As many viewers are here as may be."""


class Overloaded(PlaygroundError):
    """Too much is asked for at once, by everybody or, if `own`, by one visitor; nothing of it has been done."""

    def __init__(self, message: str, retry_after_s: float, own: bool = False) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.own = own


class WrongPassphrase(PlaygroundError):
    """Runs are started here by those who know the passphrase."""


class ShuttingDown(PlaygroundError):
    """The server is about to end: what races is saved, and nothing more is started."""


class Starting(PlaygroundError):
    """The server answers, and its workers are being started."""


class CannotStart(PlaygroundError):
    """The machine does not give what a server needs."""


class NotOwner(PlaygroundError):
    """The command came without the key of the run."""


class TooManyChanges(PlaygroundError):
    """Each change of a learning rate is kept and told with the run, and so there is an end to them."""


class NotRunning(PlaygroundError):
    """The command can't be followed: the run, or the lane, does not race."""


class NotInstalled(PlaygroundError):
    """What makes or reads such a file is not installed."""


class NothingToShow(PlaygroundError):
    """The run has not told what the picture is made from, or it is not kept any more."""


class CursorMismatch(PlaygroundError):
    """A viewer's cursor does not fit the run it names."""


class IllegalMove(PlaygroundError):
    """An event came that the run's status does not allow."""
