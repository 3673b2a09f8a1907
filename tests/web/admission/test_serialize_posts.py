"""Commands that come all at once leave the event loop its turns."""

import asyncio

from starlette.types import Receive, Scope, Send

from app.web.admission.serialize_posts import SerializePosts


async def entered(method: str, count: int) -> list[int]:
    """In which turn of the event loop each of `count` requests went in, all of which came in one."""
    turn, turns = 0, []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        turns.append(turn)

    async def count_turns() -> None:
        nonlocal turn
        while len(turns) < count:
            turn += 1
            await asyncio.sleep(0)

    async def nothing() -> None:
        raise AssertionError

    gate = SerializePosts(app)
    await asyncio.gather(
        count_turns(), *(gate({"type": "http", "method": method}, nothing, nothing) for _ in range(count))
    )
    return turns


async def test_starts_go_in_one_by_one_in_the_order_they_came():
    turns = await entered("POST", 20)

    assert turns == sorted(set(turns))


async def test_questions_do_not_wait():
    assert len(set(await entered("GET", 20))) == 1
