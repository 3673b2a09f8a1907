"""The faults. Each does harm to a server and says in a few words what came of it; an assertion that fails is broken."""

import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from urllib.parse import urlsplit

import psutil
from websockets.sync.client import connect

from tests.faults.victim import FAKETIME, Victim
from tests.waiting import TIMEOUT_S, until

Fault = Callable[[Victim], str]
VIEWERS, FLOOD = 30, 300
# Gone with a reset, as a network that breaks leaves it.
AT_ONCE = struct.pack("ii", 1, 0)


class CannotTry(Exception):
    """What the fault needs is not on this machine."""


def kill_a_worker(victim: Victim) -> str:
    run_id, owner = victim.race()
    victim.workers[0].kill()
    until(lambda: any(lane["status"] == "failed" for lane in victim.run(run_id)["lanes"]), "its lane fails")
    lanes = victim.stop(run_id, owner)["lanes"]
    return ", ".join(sorted(lane["status"] for lane in lanes))


def kill_idle_workers(victim: Victim) -> str:
    before = victim.workers
    for worker in before:
        worker.kill()
    until(lambda: len(set(victim.workers) - set(before)) == len(before), "all are replaced")
    return f"{len(before)} replaced"


def kill_the_fork_server(victim: Victim) -> str:
    run_id, owner = victim.race()
    workers = victim.workers
    victim.fork_server.kill()
    assert victim.http.post(f"/api/runs/{run_id}/pause", headers=owner).status_code == 202
    assert victim.http.post(f"/api/runs/{run_id}/step", headers=owner).status_code == 202
    status = victim.stop(run_id, owner)["status"]
    assert status == "stopped", status
    # They have no parent now, and those that were slow to stop are gone.
    for worker in workers:
        with suppress(psutil.NoSuchProcess):
            worker.kill()
    until(lambda: len(victim.workers) == len(workers), "another fork server has replaced them")
    return "paused, stepped, stopped, replaced"


def hang_a_worker(victim: Victim) -> str:
    run_id, owner = victim.race()
    victim.workers[0].suspend()
    until(lambda: any(lane["silent_s"] for lane in victim.run(run_id)["lanes"]), "its lane is told to be silent")
    status = victim.stop(run_id, owner)["status"]
    assert status == "stopped", status
    return "told, stopped"


def hang_the_fork_server(victim: Victim) -> str:
    hanging, workers = victim.fork_server, victim.workers
    hanging.suspend()
    workers[0].kill()
    until(lambda: not hanging.is_running(), "it is replaced")
    return "replaced"


def cut_connections(victim: Victim) -> str:
    run_id, owner = victim.race()
    stream = f"{victim.address.replace('http', 'ws', 1)}/api/runs/{run_id}/stream"
    with ExitStack() as watching:
        for _ in range(VIEWERS):
            viewer = watching.enter_context(connect(stream, open_timeout=TIMEOUT_S, max_size=None, compression=None))
            viewer.recv(timeout=TIMEOUT_S)
            viewer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            viewer.socket.shutdown(socket.SHUT_RD)
            viewer.socket.close()
    until(lambda: victim.run(run_id)["viewers"] == 0, "nobody watches")
    victim.stop(run_id, owner)
    return f"{VIEWERS} streams reset"


def cut_requests(victim: Victim) -> str:
    where = urlsplit(victim.address)
    for number in range(VIEWERS):
        with socket.create_connection((where.hostname, where.port)) as half:
            half.sendall(b"POST /api/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"[: 10 + 2 * number])
            half.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    return f"{VIEWERS} requests reset"


def flood(victim: Victim) -> str:
    run_id, owner = victim.race()
    answers = [victim.http.post(f"/api/runs/{run_id}/step", headers=owner).status_code for _ in range(FLOOD)]
    starts = [victim.http.post("/api/runs", json={}) for _ in range(FLOOD)]
    answers += [start.status_code for start in starts]
    assert {*answers} <= {201, 202, 429, 503}, {*answers}
    for start in starts:
        if start.status_code == 201:
            victim.stop(start.json()["id"], {"X-Owner-Key": start.headers["X-Owner-Key"]})
    assert victim.stop(run_id, owner)["status"] == "stopped"
    return f"{answers.count(429) + answers.count(503)} of {len(answers)} refused"


def fill_the_disk(victim: Victim) -> str:
    run_id, owner = victim.race()
    victim.fill_disk(True)
    until(lambda: victim.run(run_id)["saved"] is False, "the run is told to be unsaved")
    victim.fill_disk(False)
    until(lambda: victim.run(run_id)["saved"], "it is saved again")
    victim.stop(run_id, owner)
    return "unsaved, then saved"


def set_the_clock(victim: Victim) -> str:
    if not FAKETIME:
        raise CannotTry("needs Debian's package libfaketime")
    run_id, owner = victim.race()
    for years in (0, -26, 74):
        victim.set_clock(timedelta(days=365 * years, hours=-1))
        steps = victim.run(run_id)["lanes"][0]["steps"]
        until(lambda steps=steps: victim.run(run_id)["lanes"][0]["steps"] > steps, "the race goes on")
    victim.stop(run_id, owner)
    victim.set_clock(timedelta())
    return "an hour back, then 26 years, 74 years on, and now"


FAULTS: list[Fault] = [
    kill_a_worker,
    kill_idle_workers,
    kill_the_fork_server,
    hang_a_worker,
    hang_the_fork_server,
    cut_connections,
    cut_requests,
    fill_the_disk,
    set_the_clock,
    flood,
]
