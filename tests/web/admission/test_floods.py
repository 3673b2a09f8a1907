"""Commands in a flood are refused, and those of a key that is held down are not."""

import time

from app.quotas import Rate

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


async def test_a_key_that_is_held_down_steps_and_a_flood_is_refused_but_for_the_stop(open_server, monkeypatch):
    # All within one window, however long it takes.
    now = time.monotonic()
    monkeypatch.setattr("app.quotas.monotonic", lambda: now)
    async with open_server() as (http, _):
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS, params={'paused': True})).json()['id']}"
        # Thirty a second, for as long as the window is.
        held = [(await http.post(f"{run}/step")).status_code for _ in range(150)]
        flood = [await http.post(f"{run}/step") for _ in range(100)]
        stopped = await http.post(f"{run}/stop")
        metrics = (await http.get("/metrics")).text

    assert set(held) == {202}
    assert [answer.status_code for answer in flood] == [202] * 50 + [429] * 50
    assert flood[-1].json()["error"]["code"] == "too_many"
    assert flood[-1].json()["error"]["limit"] == "commands"
    assert "200 commands within 5 seconds" in flood[-1].json()["error"]["message"]
    assert int(flood[-1].headers["retry-after"]) == 5
    assert stopped.status_code == 202
    assert "playground_starts_refused_total{" not in metrics


async def test_commands_that_are_kept_with_a_run_have_an_end(open_server, monkeypatch):
    monkeypatch.setattr("app.web.admission.admission.KEPT_COMMANDS", Rate(3, 3600))
    async with open_server() as (http, _):
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS)).json()['id']}"
        paced = [await http.put(f"{run}/pace", json={"batches_per_s": pace}) for pace in (1, 2, 3, 4)]
        stepped = await http.post(f"{run}/step")

    assert [answer.status_code for answer in paced] == [202, 202, 202, 429]
    assert "3 commands within 1 hour" in paced[-1].json()["error"]["message"]
    assert stepped.status_code == 202


async def test_strangers_use_up_no_ones_commands(open_server):
    async with open_server() as (http, _):
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS, params={'paused': True})).json()['id']}"
        for _ in range(250):
            refused = await http.post(f"{run}/step", headers={"X-Owner-Key": "another"})
            assert refused.status_code == 403
        assert (await http.post(f"{run}/step")).status_code == 202


async def test_a_learning_rate_is_changed_a_hundred_times_and_no_more(open_server):
    async with open_server() as (http, _):
        # At full speed the lanes might be at their end before.
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS, params={'pace': 50})).json()['id']}"
        changed, count = f"{run}/lanes/0/learning-rate", 0
        while (answer := await http.put(changed, json={"learning_rate": 0.01 + count / 1e4})).status_code in (202, 429):
            count += answer.status_code == 202
        lanes = (await http.get(run)).json()["lanes"]
        other = await http.put(f"{run}/lanes/1/learning-rate", json={"learning_rate": 0.5})

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "too_many_changes"
    assert "100 times, the most allowed" in answer.json()["error"]["message"]
    assert 100 <= len(lanes[0]["learning_rate_changes"]) <= 102
    assert other.status_code in (202, 429)
