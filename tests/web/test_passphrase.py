"""Only those who know the passphrase start runs; it is not guessed, and it is told nowhere."""

import httpx

from app.settings import Settings
from app.web.rate_limits import Rate
from tests.web.conftest import capacity

SHORT = {"epochs": 1, "hidden": [16]}


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


async def test_nobody_tries_passphrases_one_after_the_other(open_server):
    async with open_server(passphrase="open sesame", starts_per_minute=3) as (http, _):
        tries = [await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": str(n)}) for n in range(4)]
        assert [answer.status_code for answer in tries] == [403, 403, 403, 429]
        assert (await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "open sesame"})).status_code == 429


async def test_visitors_together_do_not_guess_on_and_who_knew_the_words_is_not_kept_out(open_server, monkeypatch):
    monkeypatch.setattr("app.web.door.GUESSES", Rate(4, 3600))
    async with open_server(passphrase="open sesame", trusted_proxy_header="x-forwarded-for") as (http, _):

        async def start(visitor: int, words: str | None) -> httpx.Response:
            told = {"X-Forwarded-For": f"192.0.2.{visitor}"} | ({} if words is None else {"X-Passphrase": words})
            return await http.post("/api/runs", json=SHORT, headers=told)

        assert (await start(1, "open sesame")).status_code == 201
        assert [(await start(number, None)).status_code for number in range(10, 16)] == [403] * 6
        guesses = [await start(number, f"guess {number}") for number in range(20, 26)]
        assert [answer.status_code for answer in guesses] == [403] * 4 + [429] * 2
        assert "Too many wrong passphrases" in guesses[-1].json()["error"]["message"]
        assert 1 <= int(guesses[-1].headers["retry-after"]) <= 3600
        assert (await start(30, "open sesame")).status_code == 429
        assert (await start(1, "open sesame")).status_code == 201


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
