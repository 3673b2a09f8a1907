"""The page *How it works*: the rules beside the lines that run, one update number by number, and what was compared.

All of it is read from the modules and from two files on board, once, at the first request. So are the documents that
this page and others lead to. The updates of a run are computed again on request.
"""

import asyncio
import json
import re
from collections import OrderedDict
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup, escape
from starlette.responses import Response

import app.report
from app.config import RunConfig
from app.errors import RunNotFound, StoreUnavailable
from app.report.documents import document
from app.report.drawing import LOOKS, USUAL_LOOK, looks
from app.report.lane_names import names
from app.report.mathml import statements
from app.report.rule_source import Code, rule_source, training_loop
from app.runs.run import Run
from app.training.dataset import Dataset
from app.training.optimizers import OPTIMIZERS, Optimizer
from app.training.trace import FILE as TRACE
from app.training.trace import affordable_batches, trace, traceable_lanes
from app.web.address import run_path
from app.web.admission.admission import Admission
from app.web.experiments.routes import ARTICLE
from app.web.files import front_end, page_templates
from app.web.work_queue import WorkQueue

PARITY = Path(app.report.__file__).parent / "parity.json"
# Of the rules that the default race compares.
COLOURS = {name: LOOKS[look].name for name, look in USUAL_LOOK.items()}
# The files in `docs` that have pages, and what links call them.
DOCUMENTS = {
    "method": "How a sweep is judged",
    "claims": "The article’s claims, measured",
    "parity": "The optimizers beside optax",
}
# Of runs whose first updates were requested.
TRACES_KEPT = 16
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Of the spans that Pygments writes those that would look like any other text.
PLAIN = re.compile(r'<span class="(?:n|p|o|w|bp|nn|fm)">(.*?)</span>')


def how_it_works_routes(admission: Admission, dataset: Dataset, work_queue: WorkQueue) -> APIRouter:
    """Over the runs of `admission`, whose lanes learn `dataset`."""
    router = APIRouter(include_in_schema=False)
    templates = page_templates()
    traces: OrderedDict[str, dict[str, Any]] = OrderedDict()

    async def how_it_works(request: Request) -> Response:
        # In a thread: what is read at first takes a tenth of a second.
        shown = await asyncio.to_thread(_shown)
        asked = request.query_params.get("run")
        found = await updates_of(request, asked) if asked is not None else {}
        # A copy: what is rendered keeps its request, whose address would be that of all who come later.
        page = {**shown, **found, "bootstrap": {**shown["bootstrap"], **found.get("bootstrap", {})}}
        return templates.TemplateResponse(request, "how-it-works.html", page)

    async def updates_of(request: Request, run_id: str) -> dict[str, Any]:
        """The first updates of a run, computed again from its settings: no lane has to keep or to send them."""
        try:
            run = await admission.read(run_id)
        except (RunNotFound, StoreUnavailable) as problem:
            return {"instead": str(problem)}
        lanes, batches = traceable_lanes(run.config), known_batches(run)
        if not lanes:
            return {"instead": "This run has no lane with SGD, Momentum or Adam without a schedule and weight decay."}
        if batches < 1:
            return {"instead": "This run is too large to compute its batches again here."}
        key = f"{run.config.model_dump_json()} {batches}"
        if key not in traces:
            traces[key] = await work_queue.make(request, partial(trace, dataset, run.config, lanes, batches))
        traces.move_to_end(key)
        if len(traces) > TRACES_KEPT:
            traces.popitem(last=False)
        called, known = names(run.describe()["config"]), looks([lane.optimizer for lane in run.config.lanes])
        told = [
            {**lane, "name": called[number], "look": LOOKS.index(known[number])}
            for lane, number in zip(traces[key]["lanes"], lanes, strict=True)
        ]
        if not told[0]["losses"]:
            return {"instead": "This run overflowed in its first batch."}
        left_out = len(run.config.lanes) - len(lanes)
        return {
            "run": {"path": run_path(run.id), "batches": len(told[0]["losses"]), "left_out": left_out},
            "bootstrap": {"update": {**traces[key], "lanes": told}},
        }

    def read_document(request: Request, name: str) -> Response:
        others = {other: words for other, words in DOCUMENTS.items() if other != name}
        return templates.TemplateResponse(request, "document.html", {**_document(name), "others": others})

    router.add_route("/how-it-works", how_it_works)
    for name in DOCUMENTS:
        router.add_route(f"/docs/{name}", partial(read_document, name=name))
    return router


def known_batches(run: Run) -> int:
    """Those that follow from its settings alone, as far as they may be computed again."""
    changes = [change.step for lane in run.lanes for change in lane.learning_rate_changes]
    affordable = affordable_batches(run.config, max(1, len(traceable_lanes(run.config))))
    return min([affordable, *(step - 1 for step in changes)])


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
