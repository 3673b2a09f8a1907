"""How soon a page of an experiment shows the recorded answer and its picture: part of `make bench-page`."""

import statistics

from playwright.sync_api import Browser

from app.experiments.registry import all_experiments
from benchmarks.effort import Rounds
from tests.browser.conftest import WIDE

OPENINGS = Rounds(5, 5, least=3)
EXPERIMENTS = tuple(all_experiments())

# From the request on: until the sentences are there, and the sweep's line or the race's newest moment is drawn.
ANSWERED = """() => new Promise(done => {
  const look = () => {
    const told = document.querySelector('[data-part=sentences] p');
    const sweep = document.querySelector('.sweep-plot .line[d^=M]');
    const state = document.body?.dataset.state;
    const race = ['replaying', 'finished'].includes(state) && !document.querySelector('.sweep-head');
    if (told && (sweep || race)) requestAnimationFrame(() => done(performance.now()));
    else requestAnimationFrame(look);
  };
  look();
})"""


def recorded_answers(browser: Browser, address: str) -> dict[str, float]:
    """Of each experiment, for a visitor who has guessed and comes with an empty cache."""
    figures = {name: statistics.median(answered_ms(browser, address, name) for _ in OPENINGS) for name in EXPERIMENTS}
    return {
        **{f"answer_{name}_ms": ms for name, ms in figures.items()},
        "recorded_answer_ms": max(figures.values()),
    }


def answered_ms(browser: Browser, address: str, name: str) -> float:
    context = browser.new_context(viewport=WIDE, base_url=address, bypass_csp=True)
    context.add_init_script(f"localStorage.setItem('optimizer-playground.guess.{name}', 'skipped')")
    page = context.new_page()
    page.goto(f"/experiments/{name}", wait_until="commit")
    answered: float = page.evaluate(ANSWERED)
    context.close()
    return answered
