"""What axe finds wrong with a page, as it is on show."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.reading import drawn, still

SCRIPT = Axe().axe_script
# The rules that look at colours.
COLOURS = ["color-contrast", "link-in-text-block"]
FIND = """async rules => {
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  return (await axe.run(options)).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}"""


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """Of all rules, or of these alone."""
    still(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    return page.evaluate(FIND, rules)


def violations_in_both_themes(page: Page) -> list[str]:
    """In the light theme, and of the colours, which are all that a theme changes, in the dark one; the light one again
    is on show afterwards.
    """
    found = violations(page)
    choose_theme(page, "dark")
    found += violations(page, COLOURS)
    choose_theme(page, "light")
    return found


def choose_theme(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    drawn(page)
