"""Each environment variable that deploy/, the documents and the Dockerfile name is a setting, or is read elsewhere."""

import re
from pathlib import Path

import pytest

from tests.cluster.nodes import RAY_SETTINGS
from tests.deploy.test_deploy import DEPLOY, OTHERS, ROOT, SETTINGS

# NAME_OF_WORDS, or NAME=; not a part of a longer word, of a path or of an address.
NAMED = re.compile(r"(?<![\w.\-/])([A-Z][A-Z0-9]*(?:_[A-Za-z0-9]+)+|[A-Z][A-Z0-9]{2,}(?==))(?!\w)")
# Which of our own files reads them.
READ_IN = {
    "Dockerfile": {"EXTRAS", "PYTHON_IMAGE"},
    "Makefile": {"INPUTS", "MINUTES", "PYTHON", "SEED"},
    "app/engine/ray_cluster.py": {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"},
    "deploy/Caddyfile": {"SITE", "UPSTREAM"},
    "deploy/cluster/docker-compose.yaml": {"POSTGRES_PASSWORD", "WORKERS"},
    "deploy/cluster/kuberay.yaml": {"POD_IP"},
    "tests/browser/chromium.py": {"CHROMIUM"},
}
# What PostgreSQL's image, Ray, systemd and libraries for numbers read.
LIBRARIES = {
    *OTHERS,
    *RAY_SETTINGS,
    *("AF_INET", "AF_INET6", "AF_UNIX", "POSTGRES_USER", "RAY_USAGE_STATS_ENABLED"),
    *("ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA", "OPENBLAS_CORETYPE", "XLA_FLAGS"),
}
KNOWN = SETTINGS | LIBRARIES | set().union(*READ_IN.values())
FILES = [
    *(path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix != ".py"),
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / name for name in ("Dockerfile", "README.md", "CONTRIBUTING.md")),
]


def unknown(text: str) -> set[str]:
    return set(NAMED.findall(text)) - KNOWN


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_names_a_variable_that_no_one_reads(path: Path):
    assert unknown(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(("file", "names"), READ_IN.items(), ids=READ_IN)
def test_what_is_read_in_a_file_of_ours_stands_there(file, names):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert {name for name in names if not re.search(rf"\b{name}\b", text)} == set()


@pytest.mark.parametrize(
    "text",
    [
        *("PLAYGROUND_ENGIN: ray", "      MAX_RUNNINGS: 2", "- {name: RAY_ADRESS, value: x}", "PASPHRASE=… playground"),
        *("`MAX_VIEWER_S`, files", "${TEACHERS_KEY:-}", "Environment=HOSTS=127.0.0.1", "PLAYGROUND_max_running=2"),
    ],
)
def test_a_misspelt_variable_is_found(text):
    assert len(unknown(text)) == 1
