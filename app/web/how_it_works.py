"""The page *How it works*: the rules beside the lines that run, one update number by number, and what was compared.

All of it is read from the modules and from two files on board, once, at the first request. So are the documents that
this page and others lead to.
"""

import json
import re
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup, escape
from starlette.responses import Response

import app.report
from app.config import RunConfig
from app.report.documents import document
from app.report.drawing import LOOKS, USUAL_LOOK
from app.report.mathml import statements
from app.report.rule_source import Code, rule_source, training_loop
from app.training.optimizers import OPTIMIZERS, Optimizer
from app.training.trace import FILE as TRACE
from app.web.experiments.routes import ARTICLE
from app.web.files import front_end, page_templates

PARITY = Path(app.report.__file__).parent / "parity.json"
# Of the rules that the default race compares.
COLOURS = {name: LOOKS[look].name for name, look in USUAL_LOOK.items()}
# The files in `docs` that have pages, and what links call them.
DOCUMENTS = {
    "method": "How a sweep is judged",
    "claims": "The article’s claims, measured",
    "parity": "The optimizers beside optax",
}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Of the spans that Pygments writes those that would look like any other text.
PLAIN = re.compile(r'<span class="(?:n|p|o|w|bp|nn|fm)">(.*?)</span>')


def how_it_works_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    templates = page_templates()

    # In a thread: what is read at first takes a tenth of a second.
    def how_it_works(request: Request) -> Response:
        # A copy: what is rendered keeps its request, whose address would be that of all who come later.
        return templates.TemplateResponse(request, "how-it-works.html", {**_shown()})

    def read_document(request: Request, name: str) -> Response:
        others = {other: words for other, words in DOCUMENTS.items() if other != name}
        return templates.TemplateResponse(request, "document.html", {**_document(name), "others": others})

    router.add_route("/how-it-works", how_it_works)
    for name in DOCUMENTS:
        router.add_route(f"/docs/{name}", partial(read_document, name=name))
    return router


@cache
def _document(name: str) -> dict[str, Any]:
    title, html = document((front_end("docs") / f"{name}.md").read_text(encoding="utf-8"), DOCUMENTS)
    description = f"{title}: from the documentation of the Optimizer Playground."
    return {"title": title, "description": description, "path": f"/docs/{name}", "html": Markup(html)}


@cache
def _shown() -> dict[str, Any]:
    parity = json.loads(PARITY.read_text(encoding="utf-8"))
    rules = [_rule(rule, parity["rules"].get(name)) for name, rule in OPTIMIZERS.items()]
    return {
        "loop": _highlighted(training_loop()),
        "rules": [rule for rule in rules if rule["colour"]],
        "others": [rule for rule in rules if not rule["colour"]],
        "parity": parity,
        "config": RunConfig(),
        "article": ARTICLE,
        "bootstrap": {
            "trace": json.loads(TRACE.read_text(encoding="utf-8")),
            "labels": {name: rule.label for name, rule in OPTIMIZERS.items()},
        },
    }


def _rule(rule: type[Optimizer], compared: dict[str, Any] | None) -> dict[str, Any]:
    defaults = {each.symbol: each.default for each in rule.hyperparameters.values()} | {"λ": rule.usual_weight_decay}
    return {
        "name": rule.name,
        "label": rule.label,
        "source": rule.source,
        "in_short": rule.in_short,
        "sentence": rule.sentence,
        "colour": COLOURS.get(rule.name),
        "statements": [Markup(each) for each in statements(rule.formula)],
        "numbers": [
            f"{symbol} = {_power_of_ten(value)}" for symbol, value in defaults.items() if symbol in rule.formula
        ],
        "code": _highlighted(rule_source(rule)),
        "compared": compared
        and {
            "peer": compared["peer"],
            "difference": _power_of_ten(compared["difference"]),
            "on_purpose": Markup(re.sub("`(.*?)`", r"<code>\1</code>", str(escape(compared["on_purpose"])))),
        },
    }


def _power_of_ten(value: float) -> str:
    """0.999, but 10⁻⁸ and 2 × 10⁻¹⁵."""
    digits, _, power = f"{value:g}".partition("e")
    if not power:
        return digits
    ten = f"10{str(int(power)).translate(RAISED)}"
    return ten if digits == "1" else f"{digits} × {ten}"


def _highlighted(code: Code) -> dict[str, Any]:
    # Takes a while to import, and only this page needs it.
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    html = highlight(code.text, PythonLexer(), HtmlFormatter(nowrap=True))
    return {"file": code.file, "html": Markup(PLAIN.sub(r"\1", html).rstrip())}
