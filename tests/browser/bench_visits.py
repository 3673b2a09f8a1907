"""Visits of people who have never been here, for `make bench-page`, and what a page is made to do or to wait for."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.browser.conftest import WIDE

OPEN_INSTRUMENTS = "localStorage.setItem('optimizer-playground.instruments', 'open')"

# One promise instead of questions over and over: asking costs script, too.
CLICK_UNTIL = """([button, state]) => new Promise(done => {
  const observer = new MutationObserver(() => document.body.dataset.state === state && (observer.disconnect(), done()));
  observer.observe(document.body, { attributeFilter: ['data-state'] });
  document.querySelector(`[data-part=${button}]`).click();
})"""
UNTIL_OVER = """() => new Promise(done => {
  const over = () => document.body.dataset.state === 'finished' && done();
  new MutationObserver(over).observe(document.body, { attributeFilter: ['data-state'] });
  over();
})"""
IN_EPOCH = """epoch => document.body.dataset.state === 'finished'
  || Number(document.querySelector('[data-part=headline]').textContent.split(' ')[1]) >= epoch"""


@contextmanager
def fresh_page(browser: Browser, address: str, path: str = "/?epochs=5") -> Iterator[Page]:
    """A page of a visitor who has never been here."""
    context = browser.new_context(viewport=WIDE, base_url=address, bypass_csp=True)
    # All panels are measured, not those of the stage alone.
    context.add_init_script(OPEN_INSTRUMENTS)
    page = context.new_page()
    page.goto(path)
    yield page
    context.close()
