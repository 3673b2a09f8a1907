"""Only those who know the passphrase start runs; it cannot be guessed, and it is shown nowhere."""

import asyncio
import time
from contextlib import suppress

import pytest
from pydantic import SecretStr

from app.errors import Overloaded, WrongPassphrase
from app.settings import Settings
from app.web.admission.passphrase import GUESSES_OF_ADDRESS, MOST_WAITING, SHARE, SLOWLY_S, PassphraseCheck
from tests.waiting import TIMEOUT_S
from tests.web.conftest import capacity

SHORT = {"epochs": 1, "hidden": [16]}


@pytest.fixture
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """All guesses count together, however long they take."""
    now = time.monotonic()
    monkeypatch.setattr("app.quotas.monotonic", lambda: now)


async def test_only_those_with_the_passphrase_start_runs(open_server):
    async with open_server(passphrase="grüne Wiese", starts_per_minute=100) as (http, _):
        assert (await capacity(http))["passphrase"] is True
        for given in ({}, {"X-Passphrase": ""}, {"X-Passphrase": "wiese"}, {"X-Passphrase": "gr%C3%BCne"}):
            answer = await http.post("/api/runs", json=SHORT, headers=given)
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "passphrase"
            assert "grüne" not in answer.text
        right = await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "gr%C3%BCne%20Wiese"})
        assert right.status_code == 201
        assert (await http.get(f"/api/runs/{right.json()['id']}")).status_code == 200


@pytest.mark.slow
async def test_a_thousand_wrong_guesses_lock_no_one_out(open_server, monkeypatch):
    # Slow enough to be distinguished from *at once*, below.
    monkeypatch.setattr("app.web.admission.passphrase.SLOWLY_S", 0.001)
    async with open_server(passphrase="open sesame", trusted_proxy_header="x-forwarded-for", max_queued=50) as (
        http,
        _,
    ):

        async def start(visitor: int, words: str) -> int:
            told = {"X-Forwarded-For": f"192.0.2.{visitor}", "X-Passphrase": words}
            return (await http.post("/api/runs", json=SHORT, headers=told)).status_code

        for first in range(0, 1000, 20):
            guesses = await asyncio.gather(*(start(1, f"guess {number}") for number in range(first, first + 20)))
            assert set(guesses) == {403}
        assert (await capacity(http, **{"X-Forwarded-For": "192.0.2.1"}))["can_start"] is True
        # A visitor at the guesser's address, and one at another.
        assert [await start(visitor, "open sesame") for visitor in (1, 2, 3)] == [201] * 3


async def test_many_wrong_guesses_make_the_next_looks_slow_and_right_words_wait_for_their_turn_only(
    open_server, within_a_minute
):
    async with open_server(passphrase="open sesame", trusted_proxy_header="x-forwarded-for", max_queued=50) as (
        http,
        _,
    ):

        async def start(visitor: int, words: str) -> tuple[int, float]:
            told = {"X-Forwarded-For": f"192.0.2.{visitor}", "X-Passphrase": words}
            began = time.monotonic()
            status = (await http.post("/api/runs", json=SHORT, headers=told)).status_code
            return status, time.monotonic() - began

        for number in range(GUESSES_OF_ADDRESS.amount):
            assert (await start(1, f"guess {number}"))[0] == 403
        began = time.monotonic()
        # A flood from one address, and a visitor with the right passphrase at another from which as much was guessed.
        for number in range(GUESSES_OF_ADDRESS.amount):
            assert (await start(2, f"guess {number}"))[0] == 403
        flood = [asyncio.create_task(start(1, f"more {number}")) for number in range(8)]
        right = await start(2, "open sesame")
        wrong = [await task for task in flood]

        assert right[0] == 201
        assert [status for status, _ in wrong] == [403] * 8
        # One after the other: never more than four looks a second.
        assert time.monotonic() - began >= 9 * SLOWLY_S
        assert right[1] >= SLOWLY_S
        # Visitor by visitor: it was not the last of them.
        assert right[1] < max(seconds for _, seconds in wrong)


async def test_made_up_browsers_fill_only_the_line_of_their_own_address(within_a_minute):
    check = PassphraseCheck(SecretStr("open sesame"))

    async def guess(visitor: str) -> None:
        with suppress(WrongPassphrase):
            await check.check(visitor, "guess")

    for _ in range(GUESSES_OF_ADDRESS.amount):
        await guess("192.0.2.1#browser")
        await guess("192.0.2.2#browser")
    flood = [asyncio.create_task(guess(f"192.0.2.1#{number}")) for number in range(MOST_WAITING + SHARE)]
    await asyncio.sleep(0)
    await check.check("192.0.2.2#browser", "open sesame")
    for task in flood:
        task.cancel()
    told = await asyncio.gather(*flood, return_exceptions=True)

    assert {str(problem) for problem in told if isinstance(problem, Overloaded)} == {
        "There were so many wrong passphrases that yours can't be checked now. Try again in a few seconds."
    }


async def test_browsers_that_had_the_words_do_not_wait_for_those_who_guess_at_their_address(within_a_minute):
    check = PassphraseCheck(SecretStr("open sesame"))
    await check.check("192.0.2.1#student", "open sesame")

    async def guess(number: int) -> None:
        with suppress(WrongPassphrase):
            await check.check(f"192.0.2.1#{number}", "guess")

    flood = [asyncio.create_task(guess(number)) for number in range(GUESSES_OF_ADDRESS.amount + 2 * SHARE)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await check.check("192.0.2.1#another", "open sesame")
    await check.check("192.0.2.1#student", "open sesame")
    # Who has guessed wrong waits as all others do.
    with pytest.raises(WrongPassphrase):
        await check.check("192.0.2.1#student", "guess")
    with pytest.raises(Overloaded):
        await check.check("192.0.2.1#student", "open, sesame")
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)


async def test_new_browsers_get_in_at_their_second_press_while_eighty_guess_at_their_address(within_a_minute):
    check = PassphraseCheck(SecretStr("open sesame"))
    looks = 0

    async def guess_on(guesser: int) -> None:
        nonlocal looks
        for number in range(10_000):
            try:
                await check.check(f"192.0.2.1#{guesser}", f"guess {guesser} {number}")
            except WrongPassphrase:
                looks += 1
            except Overloaded:
                # As long as an answer is under way.
                await asyncio.sleep(0.01)

    flood = [asyncio.create_task(guess_on(number)) for number in range(80)]
    until_slow = asyncio.get_running_loop().time() + TIMEOUT_S
    while looks < GUESSES_OF_ADDRESS.amount and asyncio.get_running_loop().time() < until_slow:
        await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await check.check("192.0.2.1#first", "open sesame")
    before = looks
    await asyncio.gather(*(check.check(f"192.0.2.1#{student}", "open sesame") for student in range(5)))
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)

    # In turns with those who guess, whom no look was given besides.
    assert looks - before <= 15


async def test_the_passphrase_is_in_no_log_and_no_representation(open_server, caplog):
    caplog.set_level("DEBUG")
    async with open_server(passphrase="open sesame") as (http, _):
        answer = await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "open sesame"})
        await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "wrong words"})

    logged = str([(each.name, vars(each)) for each in caplog.records if not each.name.startswith("http")])
    assert "run started" in logged
    for secret in ("sesame", "wrong words", answer.headers["x-owner-key"]):
        assert secret not in logged
    assert "sesame" not in repr(Settings(passphrase="open sesame"))
