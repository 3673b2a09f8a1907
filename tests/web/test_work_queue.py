"""What takes long is made one thing at a time, visitor by visitor, and not for those who have left."""

import asyncio
import threading
import weakref
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request

from app.errors import Overloaded, VisitorOverloaded
from app.settings import Settings
from app.web import links
from app.web.admission.connections import Connections
from app.web.work_queue import SHARE, WorkQueue
from tests.waiting import TIMEOUT_S, until_async
from tests.web.conftest import serving


async def let_in(work_queue: WorkQueue, visitors: list[str]) -> str:
    """The order in which these are served, all of which arrive while one is being served."""
    order: list[str] = []

    async def come(visitor: str) -> None:
        async with work_queue.turn(visitor):
            order.append(visitor)

    async with work_queue.turn("first"):
        coming = [asyncio.create_task(come(visitor)) for visitor in visitors]
        await asyncio.sleep(0)
    await asyncio.gather(*coming)
    return "".join(order)


async def test_a_visitor_with_many_requests_does_not_delay_the_others():
    assert await let_in(WorkQueue(), list("aaaabbc")) == "abcabaa"


async def test_there_is_a_bound_to_what_one_visitor_and_to_what_all_wait_for():
    work_queue = WorkQueue(most_waiting=3, share=2)

    with pytest.raises(Overloaded, match="the most allowed") as own:
        await let_in(work_queue, list("aaa"))
    with pytest.raises(Overloaded, match="Too many slow requests") as all_of_them:
        await let_in(WorkQueue(most_waiting=3, share=2), list("aabb"))

    assert (own.type, all_of_them.type) == (VisitorOverloaded, Overloaded)


async def test_a_place_that_is_given_up_while_waiting_goes_to_the_next():
    work_queue = WorkQueue()
    async with work_queue.turn("first"):
        leaves = asyncio.create_task(let_in(work_queue, ["a"]))
        stays = asyncio.create_task(let_in(work_queue, ["b"]))
        await asyncio.sleep(0)
        leaves.cancel()
    assert await stays == "b"
    assert leaves.cancelled()


async def test_everything_is_made_in_one_thread_which_ends_with_the_work_queue():
    work_queue = WorkQueue()

    makers = {await work_queue.in_thread(threading.current_thread) for _ in range(3)}
    work_queue.close()

    assert len(makers) == 1
    await until_async(lambda: not makers.copy().pop().is_alive(), "the thread has ended")


async def test_a_thread_that_waits_holds_nothing_of_what_it_made():
    class Made:
        pass

    work_queue = WorkQueue()
    made = weakref.ref(await work_queue.in_thread(Made))

    await until_async(lambda: made() is None, "what was made is gone")
    work_queue.close()


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A QR code is made once this is set."""
    made, go_on = links._qr_code, threading.Event()
    monkeypatch.setattr(links, "_qr_code", lambda address: go_on.wait() and made(address))
    yield go_on
    go_on.set()


def ask_for_codes(http: httpx.AsyncClient, count: int) -> list[asyncio.Task[httpx.Response]]:
    paths = [f"/?{number:02}" + "x" * 1_100 for number in range(count)]
    return [asyncio.create_task(http.get("/api/qr.svg", params={"path": path})) for path in paths]


async def test_qr_codes_requested_at_once_do_not_block_the_server(http: httpx.AsyncClient, held_up: threading.Event):
    asked = ask_for_codes(http, 12)
    assert (await http.get("/healthz")).status_code == 200
    assert not any(one.done() for one in asked)

    held_up.set()
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}


async def test_a_path_longer_than_any_of_the_page_is_refused(http: httpx.AsyncClient):
    answer = await http.get("/api/qr.svg", params={"path": "/" + "x" * 1_200})

    assert answer.status_code == 422
    assert "1200" in answer.json()["error"]["message"]


@pytest.mark.slow
async def test_a_queue_that_is_too_long_is_answered_with_when_to_try_again(
    http: httpx.AsyncClient, held_up: threading.Event
):
    asked, waiting = ask_for_codes(http, 40), 1 + SHARE
    await until_async(lambda: sum(one.done() for one in asked) == len(asked) - waiting, "all others are refused")
    held_up.set()

    refused = [answer for answer in await asyncio.gather(*asked) if answer.status_code != 200]
    assert len(refused) == len(asked) - waiting
    told = {(answer.status_code, *map(answer.json()["error"].get, ("code", "limit"))) for answer in refused}
    assert told == {(429, "too_many", "work")}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)


async def test_for_those_who_have_left_nothing_is_begun():
    work_queue, made, go_on = WorkQueue(), [], threading.Event()
    small = FastAPI()
    small.state.settings = settings = Settings()
    small.state.connections = Connections(settings)

    @small.get("/{name}")
    async def make(request: Request, name: str) -> None:
        await work_queue.make(request, lambda: made.append(name) or go_on.wait())

    async with serving(small) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        first = asyncio.create_task(http.get("/first"))
        await until_async(lambda: made, "the first is being made")
        with pytest.raises(httpx.ReadTimeout):
            await http.get("/left", timeout=httpx.Timeout(30, read=0.2))
        last = asyncio.create_task(http.get("/last"))
        go_on.set()
        await asyncio.gather(first, last)

    assert made == ["first", "last"]
