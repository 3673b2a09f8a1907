"""Three hundred phones behind one address, on a real server that is one for strangers: all get in, all votes count."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from app.settings import Settings
from benchmarks.classroom.voting import Phone
from tests.server_process import served
from tests.waiting import TIMEOUT_S

PHONES = 300


@pytest.mark.slow
async def test_three_hundred_phones_behind_one_address_vote(few_idx_files: Path, tmp_path: Path) -> None:
    # More than an address may have open otherwise.
    assert Settings().connections_per_address < PHONES
    with served(few_idx_files, tmp_path, MAX_RUNNING="1") as (_, address):
        started = httpx.post(f"{address}/api/lessons", json={"experiment": "pulls-ahead"}, timeout=TIMEOUT_S)
        lesson = started.raise_for_status().json()
        keys = [guess["key"] for guess in lesson["guesses"]]
        phones = [Phone(urlsplit(address).netloc, number) for number in range(PHONES)]
        page, api = f"/lessons/{lesson['id']}", f"/api/lessons/{lesson['id']}"

        async def vote(number: int, phone: Phone) -> list[int]:
            choice = {"choice": keys[number % len(keys)]}
            opened, _ = await phone.ask("GET", page)
            voted, _ = await phone.ask("PUT", f"{api}/vote", choice)
            return [opened, voted, *[(await phone.ask("GET", api))[0] for _ in range(3)]]

        await asyncio.gather(*(phone.connect() for phone in phones))
        answers = await asyncio.gather(*(vote(number, phone) for number, phone in enumerate(phones)))
        key = {"X-Owner-Key": started.headers["X-Owner-Key"]}
        shown = httpx.put(f"{address}{api}/votes-shown", json={"shown": True}, headers=key, timeout=TIMEOUT_S).json()
        await asyncio.gather(*(phone.close() for phone in phones))

    assert answers == [[200] * 5] * PHONES
    assert shown["voters"] == PHONES
    assert shown["votes"] == dict.fromkeys(keys, PHONES // len(keys))
