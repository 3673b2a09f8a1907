"""Whether a visitor who starts a run knows the passphrase, if the host has set one.

Wrong guesses lock no one out, even behind a shared address: after many of them, passphrases are checked slowly, one
after the other and address by address. A browser of a class that has used the right one before does not wait. If an
address sends more than can be checked, those that were refused before take turns with new ones: a student sends the
same passphrase again, while a guesser sends others.
"""

import asyncio
import hmac
from collections import OrderedDict
from urllib.parse import unquote

from pydantic import SecretStr

from app.errors import Overloaded, WrongPassphrase
from app.quotas import MOST_KEYS, Quota, Rate
from app.web.admission.owner_key import digest
from app.web.admission.visitor import address_of
from app.web.work_queue import WorkQueue

# Wrong guesses of one address, and of all together, after which the next are checked slowly.
GUESSES_OF_ADDRESS, GUESSES = Rate(20, 60), Rate(1000, 3600)
SLOWLY_S = 0.25
# Of one address, which may be a whole class, and of all.
SHARE, MOST_WAITING = 64, 256
# So long it is known which words were turned away.
TURNED_AWAY = Rate(1, 600)


class PassphraseCheck:
    """Of one server."""

    def __init__(self, passphrase: SecretStr) -> None:
        self._passphrase = passphrase.get_secret_value()
        self._of_address, self._of_all = Quota(GUESSES_OF_ADDRESS), Quota(GUESSES)
        self._queue = WorkQueue(MOST_WAITING, SHARE)
        self._turned_away = Quota(TURNED_AWAY)
        # Browsers whose last words were right, the last to come last.
        self._trusted: OrderedDict[str, None] = OrderedDict()

    @property
    def needed(self) -> bool:
        """Whether starting a run takes a passphrase."""
        return bool(self._passphrase)

    async def check(self, visitor: str, given: str | None) -> None:
        """Raises WrongPassphrase, or Overloaded if too many wait for slow checks."""
        if not self.needed:
            return
        if not given:
            raise WrongPassphrase("Starting a race here needs a passphrase; ask the person who hosts this page.")
        address = address_of(visitor)
        if visitor not in self._trusted and not (self._of_address.test(address) and self._of_all.test()):
            await self._wait(address, given)
        self._trusted.pop(visitor, None)
        if not same_words(given, self._passphrase):
            self._of_address.hit(address)
            self._of_all.hit()
            raise WrongPassphrase("That is not the passphrase; ask the person who hosts this page.")
        # Only browsers are trusted, not addresses, which guessers may share.
        if visitor != address:
            self._trusted[visitor] = None
            if len(self._trusted) > MOST_KEYS:
                self._trusted.popitem(last=False)

    async def _wait(self, address: str, given: str) -> None:
        """By address: ids of browsers can be made up, and made-up ones must not fill the queue."""
        words = digest(f"{address} {given}")
        again = not self._turned_away.test(words)
        try:
            async with self._queue.turn(f"{address} again" if again else address):
                # Before the check: how long an answer takes says nothing about the passphrase.
                await asyncio.sleep(SLOWLY_S)
        except Overloaded as problem:
            self._turned_away.hit(words)
            message = (
                "There were so many wrong passphrases that yours can't be checked now. Try again in a few seconds."
            )
            raise type(problem)(message, problem.retry_after_s, problem.limit) from None


def same_words(given: str, secret: str) -> bool:
    """In constant time. A header has no room for every letter: those it has none for come percent-encoded."""
    return any([hmac.compare_digest(words.encode(), secret.encode()) for words in (given, unquote(given))])
