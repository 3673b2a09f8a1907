"""A class on the page: who presses play with the class's settings watches the class's race, and the page says so."""

from playwright.sync_api import expect

from tests.browser.accessible import violations
from tests.browser.reading import FULL_SPEED, play, state
from tests.browser.trouble.test_strangers import button, serve

__all__ = ["serve"]


def test_a_class_shares_a_race_and_queued_students_see_it(serve, open_page):
    address = serve(CLASSROOM="4", MAX_RUNNING="1", MAX_TURN_S="0", TEACHER_KEY="key")
    teacher = open_page(f"{address}{FULL_SPEED}#teacher=key")
    play(teacher)
    state(teacher, "racing")
    assert "teacher" not in teacher.url

    student = open_page(f"{address}{FULL_SPEED}")
    expect(student.locator("[data-part=story]")).to_contain_text("play joins it")
    play(student)
    student.wait_for_url("**/runs/*")
    assert student.url.split("?")[0] == teacher.url.split("?")[0]
    expect(student.locator("[data-notice=joined]")).to_contain_text("You are watching the class’s race")
    expect(student.get_by_text("You’re watching the class’s race.")).to_be_visible()
    expect(button(student, "Stop")).to_have_count(0)
    assert violations(student) == []

    own = open_page(f"{address}{FULL_SPEED}&seed=7", viewport={"width": 390, "height": 844})
    play(own)
    state(own, "queued")
    expect(own.locator("[data-part=meanwhile]")).to_contain_text("While you wait")
    frame = own.frame_locator("iframe[title='A race of the class']")
    expect(frame.locator(".standing .accuracy").first).to_contain_text("%")
    assert violations(own) == []
    assert own.evaluate("document.documentElement.scrollWidth") == 390
    own.keyboard.press("s")
    state(own, "stopped")
    expect(own.locator("[data-part=meanwhile]")).to_be_hidden()
    expect(own.locator("iframe")).to_have_count(0)
