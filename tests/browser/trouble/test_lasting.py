"""A run outlives its server: the page says that it was interrupted, shows its curves, and runs it again."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import SERVER_GONE
from tests.browser.reading import KEEP_NOTICES, LONG, ink, lane_status, play, state
from tests.server_process import free_port, pieces_saved, served
from tests.waiting import until

# The most pieces that are saved at once: rows of batches and of pushes, of three lanes.
ONE_SAVING = 6


def test_a_run_that_was_interrupted_says_so_and_runs_again_with_its_settings(
    open_page, few_idx_files, tmp_path, sqlite_url
):
    where = {"DATABASE_URL": sqlite_url}
    port = free_port()
    with served(few_idx_files, tmp_path, port=port, **where) as (process, address):
        page = open_page(f"{address}{LONG}&seed=7", tolerate=SERVER_GONE)
        play(page)
        state(page, "racing")
        until(lambda: min(ink(page, "train-loss")) > 50, "every lane draws more than a point")
        run_id = page.url.split("/runs/")[1].split("?")[0]
        saved = pieces_saved(sqlite_url, run_id) or 0
        until(lambda: (pieces_saved(sqlite_url, run_id) or 0) > saved + ONE_SAVING, "all that was drawn is saved")
        process.kill()
        process.wait()
        state(page, "lost")
        page.keyboard.press("s")
        expect(page.locator("[data-notice=unreachable]")).to_be_visible()
        page.evaluate(KEEP_NOTICES)
    with served(few_idx_files, tmp_path, port=port, **where):
        drawn = []

        def back() -> bool:
            drawn.append(min(ink(page, "train-loss")))
            return page.locator("body").get_attribute("data-state") == "interrupted"

        until(back, "the page has found the run again")
        assert 0 not in drawn, "the curves stay until those of the server come"
        # The server knows less than the page does, which is not an error.
        assert not [words for words in page.evaluate("window.said") if "cursor" in words]
        expect(page.locator("[data-notice=unreachable]")).to_have_count(0)
        notice = page.locator("[data-notice=interrupted]")
        expect(notice).to_contain_text(re.compile(r"in the middle of this race\. Saved up to batch [\d,]+\."))
        expect(page.locator("[data-part=story]")).to_contain_text("Interrupted")
        assert [lane_status(page, lane) for lane in range(3)] == ["interrupted"] * 3
        until(lambda: min(ink(page, "train-loss")) > 0, "the curve is there again")
        before = page.url
        notice.get_by_role("button", name="Run it again").click()
        state(page, "racing")
        expect(notice).to_have_count(0)
        again = page.request.get(re.sub("/runs/", "/api/runs/", page.url.split("?")[0])).json()
        assert page.url != before
        assert (again["config"]["seed"], again["config"]["batch_size"]) == (7, 1)


def test_a_run_that_cannot_be_saved_says_so(open_page, few_idx_files, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with served(few_idx_files, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'file' / 'runs.db'}") as (_, address):
        page = open_page(f"{address}{LONG}", tolerate=SERVER_GONE)
        play(page)
        expect(page.locator("[data-notice=unsaved]")).to_contain_text("This race is not saved")
        state(page, "racing")
