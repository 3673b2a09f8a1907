"""The form that starts a sweep, up to its verdict, and who may stop one."""

import re

from playwright.sync_api import expect

from tests.browser.fitting import misfits
from tests.browser.reading import state, swept_there
from tests.server_process import served


def test_the_form_starts_a_sweep_which_ends_with_its_verdict(open_page):
    page = open_page("/sweeps")
    page.get_by_label("Momentum").uncheck()
    for label, text in (("How many rates", "3"), ("Seeds", "1"), ("Batch size", "100"), ("Hidden units", "8")):
        page.get_by_label(label, exact=True).fill(text)
    expect(page.locator("[data-part=plan]")).to_contain_text("6 trainings, then up to 4 of the best from fresh seeds")
    page.get_by_role("button", name="Start the sweep").click()
    page.wait_for_url(re.compile("/sweeps/.+"))

    state(page, "finished")

    sweep = swept_there(page)
    assert sweep["axes"] == {"optimizer": ["sgd", "adam"], "learning_rate": [0.0001, 0.01, 1]}
    expect(page.get_by_role("heading", level=1)).to_contain_text("Each at its best of ")
    expect(page.locator(".said li")).to_have_count(len(sweep["sentences"]) - 1)
    expect(page.locator(".verdict tbody tr")).to_have_count(2)
    expect(page.locator("[data-part=progress]")).to_have_text(f"{6 + len(sweep['fresh'])} trainings")
    expect(page.locator(".rate-picture .marker")).to_have_count(6)
    expect(page.locator(".heat:not(.none)")).to_have_count(sum(len(c["map"]["steps"]) * 3 for c in sweep["curves"]))
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_the_form_says_what_cannot_be_trained(open_page):
    page = open_page("/sweeps")
    plan, start = page.locator("[data-part=plan]"), page.get_by_role("button", name="Start the sweep")
    page.get_by_label("Learning rates from", exact=True).fill("2")
    start.click()
    expect(plan).to_contain_text("from a lower to a higher one; these go from 2 to 1")
    page.get_by_label("Learning rates from", exact=True).fill("0")
    start.click()
    expect(plan).to_contain_text("Learning rates from: expected a number from 0.000001 to 10")
    page.get_by_label("Learning rates from", exact=True).fill("0.001")
    for name in ("SGD", "Momentum", "Adam"):
        page.get_by_label(name, exact=True).uncheck()
    start.click()
    expect(plan).to_have_text("Choose at least one optimizer.")
    page.get_by_label("Adam", exact=True).check()
    page.get_by_label("Learning rates to", exact=True).fill("0.00101")
    start.click()
    expect(plan).to_contain_text(
        "only 2 of 9 learning rates from 0.001 to 0.00101 differ: take fewer, or a wider range"
    )
    assert page.url.endswith("/sweeps")


def test_what_is_wrong_with_each_field_is_there_to_read_and_covers_nothing(open_page):
    page = open_page("/sweeps")
    fields = {
        "lowest": "0",
        "highest": "99",
        "rates": "1",
        "seeds": "0",
        "epochs": "0",
        "batch_size": "a",
        "hidden": "9999",
    }
    for name, text in fields.items():
        page.locator(f"#{name}").fill(text)
    page.get_by_role("button", name="Start the sweep").click()

    # So high that the whole form is in view.
    for width, height in ((1440, 900), (1280, 720), (768, 1024), (390, 1400), (360, 1400)):
        page.set_viewport_size({"width": width, "height": height})
        assert misfits(page) == {}, width
        for name, text in fields.items():
            expect(page.locator(f"#{name}-problem")).to_be_visible()
            expect(page.locator(f"#{name}-problem")).to_contain_text(f"got “{text}”.")


def test_the_servers_refusal_of_a_sweep_is_shown(open_page):
    page = open_page("/sweeps", tolerate=("Failed to load resource",))
    page.get_by_label("Epochs", exact=True).fill("100")
    page.get_by_label("Batch size", exact=True).fill("1")
    page.get_by_role("button", name="Start the sweep").click()

    expect(page.get_by_role("alert")).to_contain_text("This server does at most")
    # It lies over none of the links to other pages.
    for width in (1100, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        notice, links = page.get_by_role("alert").bounding_box(), page.locator("nav.top-actions").bounding_box()
        assert notice["x"] + notice["width"] <= links["x"], width


def test_the_owner_stops_a_sweep_and_a_stranger_cannot(open_page, browser, address):
    started = open_page("/sweeps")
    started.get_by_label("Batch size", exact=True).fill("1")
    started.get_by_label("How many rates", exact=True).fill("2")
    started.get_by_label("Epochs", exact=True).fill("3")
    started.get_by_label("Seeds", exact=True).fill("1")
    started.get_by_role("button", name="Start the sweep").click()
    started.wait_for_url(re.compile("/sweeps/.+"))
    stranger = open_page(started.url)
    expect(stranger.locator("[data-part=status]")).to_have_text(re.compile("Training|Queued"))
    expect(stranger.get_by_role("button", name="Stop")).to_be_hidden()

    started.get_by_role("button", name="Stop").click()

    for page in (started, stranger):
        state(page, "stopped")
        expect(page.locator("[data-part=status]")).to_have_text("Stopped")
        # Trainings that have not begun are among those that are known, too.
        page.get_by_text("All trainings as a table").click()
        expect(page.locator(".cells tbody tr")).to_have_count(6)


def test_a_sweep_takes_the_passphrase_of_the_host(open_page, few_idx_files, tmp_path, browser):
    with served(few_idx_files, tmp_path, PASSPHRASE="open sesame") as (_, locked):
        page = open_page("/sweeps", base_url=locked, tolerate=("Failed to load resource",))
        expect(page.locator("[data-part=capacity]")).to_contain_text("passphrase")
        page.get_by_role("button", name="Start the sweep").click()
        dialog = page.get_by_role("dialog", name="Passphrase")
        dialog.get_by_label("Passphrase", exact=True).fill("open sesame")
        dialog.get_by_role("button", name="Start").click()

        page.wait_for_url(re.compile("/sweeps/.+"))
        page.get_by_role("button", name="Stop").click()
        state(page, "stopped")
