"""When something goes wrong, the page says what, keeps what it has, and offers the way on."""

import json
import urllib.request

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import SERVER_GONE
from tests.browser.reading import (
    CHARTS,
    DIVERGING,
    LONG,
    SHORT,
    at_rest,
    finished,
    ink,
    lane_status,
    legend,
    open_settings,
    play,
    state,
)
from tests.server_process import served, workers
from tests.waiting import until


def test_the_page_survives_a_restart_of_the_server(open_page, server, few_idx_files, tmp_path):
    process, address = server
    page = open_page(LONG, tolerate=SERVER_GONE)
    play(page)
    state(page, "racing")
    until(lambda: min(ink(page, "train-loss")) > 20, "every lane draws")

    process.kill()
    process.wait()

    state(page, "lost")
    expect(page.locator("[data-notice=lost]")).to_contain_text("Connection lost, reconnecting")
    at_rest(page)
    drawn = ink(page, "train-loss")
    assert min(drawn) > 0
    with served(few_idx_files, tmp_path, port=int(address.rsplit(":", 1)[1])):
        state(page, "gone")
        expect(page.locator("[data-notice=gone]")).to_contain_text("The server does not have this run any more")
        assert ink(page, "train-loss") == drawn
        page.locator("[data-notice=gone]").get_by_role("button", name="Run again").click()
        state(page, "racing")


def test_an_announced_restart_is_called_a_restart(open_page, server):
    process, _ = server
    page = open_page(LONG, tolerate=SERVER_GONE)
    play(page)
    state(page, "racing")

    process.terminate()

    expect(page.locator("[data-notice=lost]")).to_contain_text("The server is restarting, reconnecting")


def test_a_connection_that_falls_silent_is_picked_up_where_it_was(open_page, address):
    page = open_page(LONG, tolerate=SERVER_GONE)
    play(page)
    state(page, "racing")
    run_id = page.url.split("/runs/")[1].split("?")[0]

    page.context.set_offline(True)
    state(page, "lost")
    page.context.set_offline(False)
    state(page, "racing")
    page.keyboard.press("s")
    state(page, "stopped")

    with urllib.request.urlopen(f"{address}/api/runs/{run_id}") as answer:
        steps = [lane["steps"] for lane in json.load(answer)["lanes"]]
    for lane, count in enumerate(steps):
        expect(page.locator(f'.standings [data-lane="{lane}"]')).to_contain_text(f"at batch {count:,}")


def test_a_page_whose_cursor_is_refused_starts_again_and_shows_everything(open_page):
    page = open_page(SHORT)
    opened = []

    def refuse_the_second(socket: WebSocketRoute) -> None:
        opened.append(socket)
        if len(opened) == 2:
            socket.close(code=4400)
            return
        server = socket.connect_to_server()
        if len(opened) == 1:
            # Breaks off after the first rows, so that the page comes back with a cursor.
            server.on_message(lambda message: (socket.send(message), isinstance(message, bytes) and socket.close()))

    page.route_web_socket("**/stream*", refuse_the_second)
    play(page)
    state(page, "finished")
    untouched = open_page(page.url)
    state(untouched, "finished")

    assert len(opened) == 3
    for name in CHARTS:
        until(lambda name=name: legend(page, name) == legend(untouched, name), f"{name} shows the whole run")


def test_commands_that_cannot_reach_the_server_say_so_once(open_page, server):
    page = open_page(LONG, tolerate=SERVER_GONE)
    play(page)
    state(page, "racing")
    server[0].kill()
    state(page, "lost")

    page.keyboard.press("r")
    expect(page.locator("[data-kind=problem]")).to_contain_text("The server cannot be reached")
    page.keyboard.press("s")

    expect(page.locator("[data-kind=problem]")).to_have_count(1)


def test_an_unreachable_server_is_not_spoken_of_once_it_is_reached(open_page):
    page = open_page(LONG, tolerate=SERVER_GONE)
    play(page)
    state(page, "racing")
    page.context.set_offline(True)
    state(page, "lost")
    page.keyboard.press("s")
    problem = page.locator("[data-kind=problem]")
    expect(problem).to_contain_text("The server cannot be reached")

    page.context.set_offline(False)
    state(page, "racing")

    expect(problem).to_have_count(0)


def test_a_killed_worker_is_shown_on_its_lane_and_the_others_go_on(open_page, server):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    until(lambda: min(ink(page, "train-loss")) > 0, "every lane draws")

    workers(server[0])[0].kill()

    until(lambda: sorted(lane_status(page, i) for i in range(3)) == ["failed", "running", "running"], "one lane fails")
    expect(page.locator('.standings [data-status="failed"]')).to_contain_text("was killed by SIGKILL")
    state(page, "racing")


def test_a_diverged_lane_is_shown_with_its_step(open_page):
    page = open_page(DIVERGING)
    finished(page)

    assert [lane_status(page, lane) for lane in range(3)] == ["diverged", "finished", "finished"]
    assert "diverged" in legend(page, "train-loss")[0]
    run_id = page.url.split("/runs/")[1].split("?")[0]
    lane = page.request.get(f"/api/runs/{run_id}").json()["lanes"][0]
    assert f"batch {lane['ended_at']}" in lane["reason"]
    expect(page.locator('.standings [data-lane="0"]')).to_contain_text(f"at batch {lane['ended_at']}")
    expect(page.locator("[data-part=story]")).to_contain_text(f"SGD diverged at batch {lane['ended_at']}")


def test_a_refused_race_gets_a_sentence(open_page):
    page = open_page(SHORT, tolerate=("Failed to load resource: the server responded with a status of 422",))
    open_settings(page)
    page.get_by_label("Batch size", exact=True).fill("50000")

    play(page)

    problem = page.locator("[data-field=batch_size] [data-part=problem]")
    expect(problem).to_contain_text("2,000")
    expect(problem).to_be_visible()
    state(page, "idle")
    expect(page.get_by_label("Batch size", exact=True)).to_have_value("50000")


def test_the_commands_are_described_without_the_internet(open_page):
    page = open_page("/docs")

    expect(page.get_by_text("/api/runs/{run_id}/stop")).to_be_visible()


def test_the_address_of_an_unknown_run_says_so_and_leads_on(open_page):
    page = open_page(
        "/runs/nosuchrun", tolerate=("Failed to load resource: the server responded with a status of 404",)
    )

    expect(page.get_by_role("heading", name="There is no such run here")).to_be_visible()
    page.get_by_role("link", name="Start a new race").click()
    state(page, "idle")
