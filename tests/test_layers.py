"""Which room may import which: the architecture, held against the real imports."""

import ast
import re
import sys
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Modules at the top of `app`: those everybody may use, and the entry points, which may use everything.
GROUND = {"background_tasks", "choices", "config", "errors", "events", "gc_tuning", "histogram", "lane_options"}
GROUND |= {"logs", "machine", "number_input", "quotas", "settings"}

# The last two are of a checkout alone.
ENTRY_POINTS = {"", "__main__", "cli", "main", "serving", "measure_claims", "record"}

# A room, and the rooms it may import from besides itself. What is not written here is a fault.
ALLOWED = {
    "training.optimizers": "",
    "ground": "training.optimizers",
    "training": "ground training.optimizers",
    "engine": "ground training",
    "runs": "ground",
    "sweeps": "ground training.optimizers runs",
    "report": "ground training training.optimizers runs sweeps",
    "report.sweeps": "ground training.optimizers runs sweeps report",
    "experiments": "ground training.optimizers runs sweeps report report.sweeps",
    "claims": "ground training training.optimizers runs sweeps report report.sweeps experiments",
    "lessons": "ground",
    "storage": "ground training runs sweeps lessons",
    "scheduling": "ground training engine runs sweeps report report.sweeps storage",
    "web.admission": "ground runs sweeps report lessons storage scheduling web",
    "web.live": "ground runs sweeps report storage scheduling web web.admission",
    "web": "ground training training.optimizers runs sweeps report report.sweeps experiments lessons storage scheduling"
    " web.admission web.live web.experiments",
    "web.experiments": "ground runs sweeps report experiments storage web web.admission",
    "web.sweeps": "ground runs sweeps report report.sweeps storage scheduling web web.admission web.live"
    " web.experiments",
    "web.lessons": "ground runs sweeps experiments lessons report web web.admission web.experiments",
    "client": "ground runs report report.sweeps web",
    "terminal": "ground training engine runs sweeps report report.sweeps scheduling web",
    "servers": "ground training runs sweeps lessons storage scheduling web web.admission web.live",
    "entry_points": "ground training engine runs sweeps report report.sweeps experiments claims lessons storage"
    " scheduling servers web.admission web.live web.experiments web.sweeps web.lessons web terminal",
    "benchmarks.classroom": "ground benchmarks",
    "benchmarks.simulation": "ground report benchmarks",
    "benchmarks": "ground training training.optimizers engine runs sweeps report experiments storage scheduling"
    " web.admission web.live web terminal entry_points benchmarks.classroom benchmarks.simulation",
}
MOST_FILES, MOST_LINES = 26, 300

# These compute, and leave processes, sockets and clients to others: they, and all that they import.
PURE = {"training", "training.optimizers", "report", "report.sweeps", "experiments", "claims"}
PURE_MODULES = {
    "events",
    "choices",
    "config",
    "runs.history",
    "runs.hard_digits",
    "runs.lane",
    "storage.event_text",
    "web.protocol",
}
SHELL = {"asyncio", "fastapi", "multiprocessing", "socket", "starlette", "subprocess", "threading", "uvicorn"}


def name_of(file: Path) -> str:
    """As it is imported, without `app.`."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts).removeprefix("app").removeprefix(".")


MODULES = {name_of(file): file for top in ("app", "benchmarks") for file in (ROOT / top).rglob("*.py")}


def room_of(module: str) -> str:
    if module in GROUND:
        return "ground"
    if module in ENTRY_POINTS:
        return "entry_points"
    return max((room for room in ALLOWED if f"{module}.".startswith(f"{room}.")), key=len, default=module)


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
        elif name.partition(".")[0] in ("app", "benchmarks"):
            inside = name.removeprefix("app").removeprefix(".")
            # The last part is a module, or else something in the module before it.
            found.add(inside if inside in MODULES else inside.rpartition(".")[0])
    return found


def faults(module: str, source: str) -> list[str]:
    room = room_of(module)
    allowed = {room, *ALLOWED[room].split()}
    return [f"{module} imports {name}" for name in sorted(project_imports(source)) if room_of(name) not in allowed]


def source_of(module: str) -> str:
    return MODULES[module].read_text(encoding="utf-8")


GRAPH = {module: project_imports(source_of(module)) for module in MODULES}


def needed_by(module: str) -> set[str]:
    """It, and all that it imports, itself or through others; and the packages they lie in."""
    found, new = set(), {module}
    while new:
        found |= new
        new = set().union(*(GRAPH[name] for name in new)) - found
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import app.web.digits", {"web.digits"}),
        ("from app.runs.run import Run", {"runs.run"}),
        ("from app.runs import hard_digits", {"runs.hard_digits"}),
        ("from app import config", {"config"}),
        ("def f():\n    from app.serving import serve", {"serving"}),
        ("from benchmarks.load import load", {"benchmarks.load"}),
        ("from .history import Cursor", {".history.Cursor"}),
        ("import os, numpy.typing\nfrom apples import app", set()),
    ],
)
def test_every_way_to_import_is_seen(source: str, expected: set[str]) -> None:
    assert project_imports(source) == expected


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("training.trainer", "from app.engine.base import Engine"),
        ("runs.run", "def f():\n    from app.storage.store import Store"),
        ("web.admission.visitor", "import app.web.live.stream"),
        ("config", "from app.cli import main"),
        ("training.optimizers.adam", "from app.config import RunConfig"),
        ("cli", "from benchmarks.load import load"),
        ("report.story", "from .formats import percent"),
    ],
)
def test_a_forbidden_import_is_a_fault(module: str, source: str) -> None:
    assert len(faults(module, source)) == 1


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_what_its_room_may(module: str) -> None:
    assert room_of(module) in ALLOWED
    assert faults(module, source_of(module)) == []


def written(source: str) -> list[str]:
    """What is assigned to attributes of a run, or of one of its lanes."""
    targets = [
        target
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    names = [ast.unparse(each) for target in targets for each in getattr(target, "elts", [target])]
    return [name for name in names if re.search(r"(^|[._])run(\.lanes\[.*\])?\.\w+$", name)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("run.saved = True", ["run.saved"]),
        ("self._run.viewers += 1", ["self._run.viewers"]),
        ("entry.run.position, other = 1, 2", ["entry.run.position"]),
        ("run.lanes[0].status = status", ["run.lanes[0].status"]),
        ("run = found.run", []),
    ],
)
def test_every_way_to_write_to_a_run_is_seen(source: str, expected: list[str]) -> None:
    assert written(source) == expected


@pytest.mark.parametrize("module", sorted(name for name in MODULES if room_of(name) != "runs"))
def test_a_run_is_written_by_its_events_alone(module: str) -> None:
    assert written(source_of(module)) == []


def test_modules_import_in_one_direction() -> None:
    # Raises CycleError otherwise.
    assert set(TopologicalSorter(GRAPH).static_order()) == set(MODULES)


def test_contributors_are_shown_this_table() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(?:app/)?(\w+)/` \|.*\| (.*) \|$", text, re.MULTILINE)
    shown = {room: {name for name in re.findall(r"\w+", rooms) if name != "nothing"} for room, rooms in rows}
    # An inner room is part of its outer one; the optimizers may be imported wherever the words may be.
    allowed: dict[str, set[str]] = {}
    for room, names in ALLOWED.items():
        tops = {name.partition(".")[0] for name in names.split() if name != "training.optimizers"}
        allowed.setdefault(room.partition(".")[0], set()).update(tops - {"ground", "entry_points"})
    del allowed["ground"], allowed["entry_points"]
    allowed = {room: names - {room} for room, names in allowed.items()}
    missing = allowed.keys() - {"benchmarks"} - allowed.pop("benchmarks")

    assert shown.pop("benchmarks") == {"all", "of", "app", "but", "and"} | missing
    assert shown == allowed


FILES = [
    file
    for top in ("app", "benchmarks", "static/css", "static/js", "templates", "tests")
    for file in (ROOT / top).rglob("*")
    if file.suffix in {".py", ".js", ".css", ".html", ".ts"}
]


def test_no_room_is_too_large() -> None:
    rooms = Counter(file.relative_to(ROOT).parent.as_posix() for file in FILES)

    assert {room: size for room, size in rooms.items() if size > MOST_FILES} == {}


def test_no_file_is_too_long() -> None:
    lines = {file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}

    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


@pytest.mark.parametrize("module", sorted(name for name in MODULES if room_of(name) in PURE or name in PURE_MODULES))
def test_the_pure_core_knows_no_event_loop_and_no_socket(module: str) -> None:
    for name in needed_by(module):
        tops = {each.partition(".")[0] for each in imports(source_of(name))}
        assert not tops & SHELL, name


def test_ray_is_known_to_the_process_that_uses_it_and_to_no_other() -> None:
    tops = {module: {name.partition(".")[0] for name in imports(source_of(module))} for module in MODULES}

    assert [module for module in MODULES if "ray" in tops[module]] == ["engine.ray"]
    assert [module for module, needs in GRAPH.items() if "engine.ray" in needs] == []


@pytest.mark.parametrize("module", sorted(name for name in MODULES if name.startswith("training")))
def test_training_needs_nothing_but_numpy(module: str) -> None:
    tops = {name.partition(".")[0] for name in imports(source_of(module))}
    assert tops - set(sys.stdlib_module_names) <= {"numpy", "app"}
