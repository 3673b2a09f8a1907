"""What lies on the curves of a chart is in its saved picture too: earlier runs, changed learning rates, ends."""

from tests.browser.reading import SHORT, another, open_settings, play, settled, state
from tests.browser.saved import SVG, Picture, saved_file

PICTURE = "Training loss as SVG"
# Slow enough to last until it is stopped, and SGD's learning rate large enough to end SGD at once.
UNSTABLE = "/?epochs=100&batch_size=8&hidden=64,64,64&sgd.learning_rate=9&x=step&pace=20"


def lines(picture: Picture) -> int:
    return sum(1 for group in picture.root.iter(f"{SVG}g") if group.get("clip-path") for _ in group.iter(f"{SVG}path"))


def test_a_saved_picture_shows_a_diverged_lane_and_a_changed_learning_rate(open_page, tmp_path):
    page = open_page(UNSTABLE)
    play(page)
    state(page, "racing")
    page.locator('.standings [data-status="diverged"]').wait_for()
    page.locator('.standings [data-lane="2"] .rate').click()
    page.get_by_role("button", name="Twice").click()
    page.get_by_text("lr 0.01 → 0.02").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop", exact=True).click()
    state(page, "stopped")

    words = Picture(saved_file(page, PICTURE, tmp_path)).words

    assert "diverged" in words
    assert "lr 0.02" in words


def test_a_saved_picture_has_the_earlier_run_under_the_new_one(open_page, tmp_path):
    page = open_page(SHORT)
    play(page)
    settled(page)
    alone = Picture(saved_file(page, PICTURE, tmp_path))
    open_settings(page)
    page.get_by_label("Learning rate", exact=True).fill("0.02")
    address = page.url
    play(page)
    another(page, address)
    settled(page)

    page.get_by_role("button", name="Earlier runs").click()
    page.get_by_role("group", name="Earlier runs").get_by_role("checkbox").check()
    page.keyboard.press("Escape")
    both = Picture(saved_file(page, PICTURE, tmp_path))

    assert lines(both) == lines(alone) + 3
