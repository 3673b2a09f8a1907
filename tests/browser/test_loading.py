"""How the page comes: everything the first view needs is asked for in one round."""

import re
from pathlib import Path

from tests.browser.reading import state

LOADED = "() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)"


def test_the_first_view_loads_nothing_that_its_html_does_not_name(open_page):
    page = open_page("/")
    state(page, "idle")

    named = set(re.findall(r'(?:src|href)="([^"]+)"', page.request.get("/").text()))
    loaded = set(page.evaluate(LOADED))

    assert {"early", "main", "page"} <= {Path(name).name.partition("-")[0] for name in loaded}
    assert loaded <= named
