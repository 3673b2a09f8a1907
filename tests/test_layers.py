"""Which module may import which: the architecture, held against the real imports."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Left: a module of `app`. Right: all it imports from `app`. What is not written here is a fault.
ALLOWED = {
    "": "",
    "events": "",
    "errors": "",
    "garbage": "",
    "logs": "",
    "supervised": "logs",
    "tally": "",
    "machine": "",
    "settings": "machine",
    "config": "errors",
    "training": "",
    "training.control": "",
    "training.idx": "machine",
    "training.dataset": "training.idx",
    "training.activations": "",
    "training.initialisations": "",
    "training.network": "training.activations training.initialisations",
    "training.optimizers": "training.optimizers.adam training.optimizers.adaptive training.optimizers.base "
    "training.optimizers.momentum",
    "training.optimizers.base": "",
    "training.optimizers.momentum": "training.optimizers.base",
    "training.optimizers.adaptive": "training.optimizers.base",
    "training.optimizers.adam": "training.optimizers.base",
    "training.schedules": "",
    "training.fast_layers": "training.activations training.network",
    "training.fast_network": "training.dataset training.fast_layers training.network",
    "training.push": "events training.network",
    "training.insights": "events training.learner training.network training.push",
    "training.forms": "training.fast_layers",
    "training.learner": "config training.dataset training.fast_network training.forms training.network "
    "training.optimizers training.schedules",
    "training.sample": "training.dataset training.fast_layers training.idx training.network",
    "training.evaluation": "events training.dataset training.forms training.network training.sample",
    "training.trainer": "config events training.control training.dataset training.evaluation training.forms "
    "training.insights training.learner training.push training.sample",
    "engine": "",
    "engine.orders": "",
    "engine.control": "engine.orders training.control",
    "engine.base": "config events engine.orders training.forms",
    "engine.channel": "config engine.orders training.forms",
    "engine.worker": "events engine.channel engine.control engine.orders training.control training.dataset "
    "training.evaluation training.forms training.trainer",
    "engine.fork_server": "engine.channel engine.worker",
    "engine.launcher": "errors logs engine.channel",
    "engine.child": "config events engine.channel engine.launcher engine.orders training.forms",
    "engine.local": "config events logs supervised engine.base engine.child engine.launcher engine.orders "
    "training.forms",
    "engine.inline": "config engine.base engine.control engine.orders training.control training.dataset "
    "training.evaluation training.forms training.trainer",
    "runs": "",
    "runs.history": "events",
    "runs.hard_digits": "",
    "runs.pictures": "config events training.network",
    "runs.pulse": "",
    "runs.lane": "events",
    "runs.wording": "",
    "runs.racer": "config runs.history",
    "runs.result": "events runs.wording",
    "runs.story_moments": "runs.racer runs.result runs.wording",
    "runs.story_order": "runs.racer runs.result runs.story_moments runs.wording",
    "runs.story": "runs.racer runs.result runs.story_moments runs.story_order runs.wording",
    "runs.caption": "runs.racer runs.result runs.wording",
    "runs.card": "runs.caption runs.history runs.racer runs.result runs.wording",
    "runs.export": "runs.history runs.racer runs.wording training.schedules",
    "runs.columns": "runs.export runs.history runs.racer",
    "runs.thrift": "",
    "runs.parquet": "runs.columns runs.export runs.thrift",
    "runs.limits": "config errors machine settings training.idx",
    "runs.turns": "runs.run",
    "runs.outlook": "runs.limits runs.run runs.turns",
    "runs.upkeep": "runs.manager runs.run settings",
    "runs.run": "config errors events runs.history runs.hard_digits runs.lane runs.pulse",
    "runs.journal": "events logs runs.run tally",
    "runs.event_text": "events",
    "runs.records": "config events runs.event_text runs.history runs.run training.network",
    "runs.database": "runs.records runs.retention_clock",
    "runs.retention_clock": "",
    "runs.migrations": "",
    "runs.migrations.env": "",
    "runs.migrations.versions": "",
    "runs.migrations.versions.0001_runs": "",
    "runs.recorded": "runs.run runs.run_file training.dataset",
    "runs.run_file": "runs.database runs.records runs.run training.dataset",
    "runs.background": "",
    "runs.location": "errors settings",
    "runs.backup": "errors runs.database runs.location settings",
    "runs.store": "errors logs runs.background runs.database runs.location runs.records runs.run settings "
    "training.dataset",
    "runs.fair_queue": "runs.run",
    "runs.unwatched": "runs.run",
    "runs.places": "config runs.fair_queue runs.outlook runs.run runs.turns runs.unwatched settings",
    "runs.manager": "config errors events logs settings engine.base engine.orders runs.journal runs.limits "
    "runs.places runs.run runs.shelf runs.store training.dataset",
    "runs.shelf": "errors runs.run runs.store settings",
    "web": "",
    "web.protocol": "",
    "web.body_limit": "",
    "web.schemas": "config events runs.run",
    "web.failures": "config errors logs runs.journal web.address web.protocol",
    "web.health": "runs.manager web.failures web.protocol web.schemas",
    "web.api": "errors training.dataset web.schemas",
    "web.visitor": "runs.shelf settings",
    "web.origins": "settings web.address web.failures",
    "web.security": "settings web.address",
    "web.rate_limits": "",
    "web.passphrase": "errors web.rate_limits web.visitor web.workshop",
    "web.door": "web.passphrase web.visitor errors runs.manager runs.run settings web.rate_limits",
    "web.capacity": "runs.manager settings web.door web.protocol web.schemas web.visitor",
    "web.owner": "errors runs.run",
    "web.commands": "config errors runs.history runs.manager runs.run runs.story web.address web.door web.owner "
    "web.protocol web.schemas web.visitor",
    "web.files": "web.address",
    "web.public_address": "settings web.address web.failures",
    "web.address": "settings",
    "web.cards": "runs.card runs.history runs.manager runs.run runs.story settings web.workshop",
    "web.links": "errors runs.caption runs.card runs.history runs.manager runs.story web.address web.failures "
    "web.protocol web.schemas web.workshop",
    "web.pages": "config errors runs.caption runs.history runs.manager runs.run runs.story training.dataset "
    "web.address web.capacity web.files",
    "web.pictures": "errors events runs.manager runs.pictures runs.run training.dataset training.idx training.network "
    "web.memo web.protocol web.schemas web.workshop",
    "web.memo": "runs.run",
    "web.exports": "reproduce runs.columns runs.export runs.history runs.manager runs.parquet runs.run runs.wording "
    "web.downloads web.protocol web.schemas",
    "web.downloads": "errors web.visitor web.workshop",
    "web.connections": "logs settings",
    "web.token_bucket": "",
    "web.patience": "web.connections",
    "web.wire": "web.connections web.token_bucket",
    "web.audience": "logs runs.history runs.run tally web.protocol web.wire",
    "web.metrics": "runs.manager runs.run runs.store settings tally web.audience web.connections",
    "web.turnstile": "",
    "web.workshop": "errors runs.background web.visitor",
    "web.stream": "errors logs runs.history runs.manager runs.recorded web.audience web.door web.failures web.protocol "
    "web.visitor web.wire",
    "web.polling": "errors runs.history runs.manager runs.recorded runs.run web.audience web.door web.failures "
    "web.protocol web.rate_limits web.schemas web.stream web.visitor",
    "main": "engine.base engine.local machine runs.manager runs.recorded runs.store runs.upkeep settings "
    "supervised training.dataset web.api web.audience web.body_limit web.capacity web.cards web.commands "
    "web.connections "
    "web.door web.downloads web.exports web.failures web.files web.health web.links web.metrics web.origins "
    "web.pages web.pictures web.polling web.public_address web.security web.stream web.turnstile web.visitor "
    "web.workshop",
    "record": "config main runs.card runs.history runs.manager runs.recorded runs.run_file runs.story settings "
    "training.dataset web.files",
    "serving": "errors garbage logs machine main runs.manager runs.store settings training.dataset web.audience "
    "web.patience web.wire",
    "terminal_race": "config engine.local errors events runs.export runs.history runs.manager runs.racer runs.result "
    "runs.run runs.story runs.wording settings training.dataset",
    "bench": "",
    "bench.anatomy": "bench.effort bench.rounds bench.steps config training.dataset training.fast_layers "
    "training.forms training.network training.optimizers",
    "bench.bounds": "",
    "bench.visitor": "",
    "bench.kernel": "",
    "bench.stages": "",
    "bench.commands": "bench.crowd bench.effort bench.start config errors runs.run settings",
    "bench.effort": "config",
    "bench.processes": "",
    "bench.rounds": "bench.effort config training.dataset",
    "bench.peer_pytorch": "bench.rounds config training.network",
    "bench.peer_jax": "bench.rounds config training.network",
    "bench.peers": "bench.peer_jax bench.peer_pytorch bench.rounds config training.dataset",
    "bench.steps": "bench.effort bench.peers bench.rounds config "
    "training.dataset training.forms training.learner training.network",
    "bench.slowdown": "bench.effort bench.rounds bench.steps config training.dataset training.forms",
    "bench.pictures": "bench.effort bench.processes bench.start config engine.local runs.manager settings "
    "training.dataset training.idx",
    "bench.races": "bench.effort config engine.inline engine.orders main runs.manager serving settings "
    "training.dataset training.forms",
    "bench.start": "bench.effort bench.processes bench.visitor config runs.history settings",
    "bench.tables": "bench.bounds",
    "bench.report": "bench.anatomy bench.bounds bench.commands bench.effort bench.kernel bench.pictures bench.races "
    "bench.slowdown bench.stages bench.start bench.steps bench.tables bench.viewers config machine settings "
    "training.dataset training.forms",
    "bench.server": "bench.visitor config engine.base engine.orders errors events main serving settings "
    "training.dataset",
    "bench.crowd": "bench.server errors runs.history web.protocol",
    "bench.viewers": "bench.crowd bench.effort bench.server config errors settings",
    "bench.one_core": "bench.crowd bench.effort bench.server bench.viewers config settings",
    "bench.starters": "bench.processes bench.server bench.start config errors settings",
    "bench.classroom": "bench.start config errors settings",
    "bench.load": "bench.one_core bench.stages bench.starters bench.viewers settings",
    "typed_numbers": "",
    "lane_options": "config errors typed_numbers",
    "client": "config errors events runs.history runs.racer web.protocol",
    "reproduce": "config lane_options",
    "cli": "bench.effort bench.load bench.report config errors lane_options runs.backup serving settings terminal_race "
    "training.idx typed_numbers record",
    "__main__": "cli",
}

# The pure core: these compute, and leave processes, sockets and clients to others.
PURE = {
    "events",
    "config",
    "lane_options",
    "reproduce",
    "runs.columns",
    *(f"training.{name}" for name in ["idx", "dataset", "activations", "initialisations", "network"]),
    *(f"training.optimizers.{name}" for name in ["base", "momentum", "adaptive", "adam"]),
    *(f"training.{name}" for name in ["schedules", "fast_layers", "fast_network"]),
    *(f"training.{name}" for name in ["forms", "learner", "sample", "evaluation", "control", "trainer"]),
    *(f"training.{name}" for name in ["push", "insights"]),
    "runs.history",
    "runs.outlook",
    "runs.hard_digits",
    "runs.pictures",
    "runs.lane",
    "runs.event_text",
    "runs.records",
    *(f"runs.{name}" for name in ["wording", "racer", "result", "story_moments", "story_order", "story", "export"]),
    *(f"runs.{name}" for name in ["caption", "card"]),
    "web.protocol",
}
SHELL = {"asyncio", "fastapi", "multiprocessing", "socket", "starlette", "subprocess", "threading", "uvicorn"}


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT / "app").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in (ROOT / "app").rglob("*.py")}


def imports(source: str) -> set[str]:
    """Full names of all imported modules, at the top or inside functions. `from a import b` counts as a.b."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
    return found


def project_imports(source: str) -> set[str]:
    """Names of the project's modules that are imported, without `app.`; a relative import keeps its dots."""
    found = set()
    for name in imports(source):
        if name.startswith("."):
            found.add(name)
        elif name == "app" or name.startswith("app."):
            inside = name.removeprefix("app").removeprefix(".")
            # The last part is a module, or else something in the module before it.
            found.add(inside if inside in MODULES else inside.rpartition(".")[0])
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import app.web.api", {"web.api"}),
        ("from app.runs.run import Run", {"runs.run"}),
        ("from app.runs import hard_digits", {"runs.hard_digits"}),
        ("from app import config", {"config"}),
        ("def f():\n    from app.serving import serve", {"serving"}),
        ("from .history import Cursor", {".history.Cursor"}),
        ("import os, numpy.typing\nfrom apples import app", set()),
    ],
)
def test_every_way_to_import_is_seen(source: str, expected: set[str]) -> None:
    assert project_imports(source) == expected


def test_the_table_names_every_module_and_no_other() -> None:
    assert set(ALLOWED) == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_what_the_table_says(module: str) -> None:
    assert project_imports(MODULES[module].read_text(encoding="utf-8")) == set(ALLOWED.get(module, "").split())


def test_the_table_has_one_direction() -> None:
    graph = {module: set(allowed.split()) for module, allowed in ALLOWED.items()}
    # Raises CycleError otherwise.
    order = list(TopologicalSorter(graph).static_order())
    assert order[-1] == "__main__"
    assert set(order) == set(ALLOWED)


@pytest.mark.parametrize("module", sorted(PURE))
def test_the_pure_core_knows_no_event_loop_and_no_socket(module: str) -> None:
    tops = {name.partition(".")[0] for name in imports(MODULES[module].read_text(encoding="utf-8"))}
    assert not tops & SHELL


@pytest.mark.parametrize("module", sorted(name for name in PURE if name.startswith("training.")))
def test_training_needs_nothing_but_numpy(module: str) -> None:
    tops = {name.partition(".")[0] for name in imports(MODULES[module].read_text(encoding="utf-8"))}
    assert tops - set(sys.stdlib_module_names) <= {"numpy", "app"}
