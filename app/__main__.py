"""The `playground` command, also as `python -m app`.

If the machine lacks something, from the first import on, it prints a sentence and ends with status 2.
"""

import errno
import sys

SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)


def main() -> None:
    try:
        from app.cli import main as run

        run()
    except (MemoryError, ImportError, OSError, RuntimeError) as problem:
        if not (reason := _lacking(problem)):
            raise
        print(f"Error: This machine lacks something that the playground needs: {reason}.", file=sys.stderr)
        sys.exit(2)


def _lacking(problem: BaseException) -> str | None:
    """What the machine refused, as the system says it; None if it is something else that went wrong."""
    cause: BaseException | None = problem
    while cause:
        if isinstance(cause, MemoryError):
            return "out of memory"
        if isinstance(cause, OSError) and cause.errno in SHORT:
            return str(cause.strerror)
        # A library that is there, and does not fit into memory; a thread that the system does not start.
        for sign in ("failed to map segment", "Cannot allocate memory", "can't start new thread"):
            if sign in str(cause):
                return sign
        cause = cause.__cause__ or cause.__context__
    return None


if __name__ == "__main__":
    main()
