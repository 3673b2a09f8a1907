# Everything lives in .venv and node_modules, inside this folder; `make clean` takes it all away again.

PYTHON ?= python3
BIN := .venv/bin
# Two worker processes for each core, since many tests wait; the next test goes to whichever is free.
IN_PARALLEL := -n auto
PRETTIER := node_modules/prettier/bin/prettier.cjs --log-level warn "{static,tests}/**/*.{js,ts,css}"
SETUP := pyproject.toml hatch_build.py package.json package-lock.json

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start hundreds of processes, and each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
# As in hatch_build.py: npm trusts the certificates that the system trusts.
export NODE_USE_SYSTEM_CA ?= 1

.DEFAULT_GOAL := help
.PHONY: help run install test test-quick lint format bench bench-peers bench-page bench-cluster parity load simulate classroom lesson soak fuzz faults cluster-test cluster-faults screenshots recordings claims clean

help:  ## List what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: install  ## Serve the playground; HOST=… and PORT=… choose the address
	@exec $(BIN)/playground serve

install: .venv/.installed  ## Make a private environment with the playground in it

test: .venv/.test node_modules/.package-lock.json  ## Run all tests, in parallel; without Chromium it tries to download one
	@$(BIN)/node --test "tests/js/**/*.test.js"
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest $(IN_PARALLEL)

test-quick: .venv/.test node_modules/.package-lock.json  ## Run all tests but those in a browser and the slow ones: under a minute
	@$(BIN)/node --test "tests/js/**/*.test.js"
	@$(BIN)/python -m pytest $(IN_PARALLEL) -m "not browser and not slow"

lint: .venv/.dev node_modules/.package-lock.json  ## Check style and types, Python and JavaScript
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/node node_modules/typescript/bin/tsc
	@$(BIN)/node $(PRETTIER) --check

format: .venv/.dev node_modules/.package-lock.json  ## Put the code into the house style, Python, JavaScript and CSS
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@$(BIN)/node $(PRETTIER) --write

bench: install  ## Measure speed on this machine: five to seven minutes
	@$(BIN)/python -m benchmarks bench

bench-peers: .venv/.peers  ## The same beside PyTorch and JAX, which it installs
	@$(BIN)/python -m benchmarks bench

bench-page: .venv/.test  ## Measure what the page costs a real Chromium
	@$(BIN)/python -m tests.browser.bench_page

bench-cluster: .venv/.ray  ## Measure 1 to 4 nodes, waits, and what Ray costs, on a cluster on this machine; installs Ray
	@$(BIN)/python -m tests.cluster.scaling
	@$(BIN)/python -m tests.cluster.capacity
	@$(BIN)/python -m tests.cluster.bench

parity: .venv/.parity  ## Compare the optimizers with those of optax, which it installs, and write docs/parity.md
	@$(BIN)/python -m tests.parity $(if $(CI),--check)

load: install  ## Send 3,000 viewers to one live run, and 200 who start at once, on this machine alone
	@$(BIN)/python -m benchmarks load

soak: .venv/.test  ## Let random visitors use a server for MINUTES=10, and see whether it holds ever more
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),10)

fuzz: .venv/.test  ## Send INPUTS=10000 generated requests, frames, links, rows and files to a server; SEED=1
	@$(BIN)/python -m tests.fuzz --inputs $(or $(INPUTS),10000) --seed $(or $(SEED),1)

simulate: .venv/.test  ## Work out how many machines and clusters serve how many visitors, up to a million an hour: ten minutes
	@$(BIN)/python -m benchmarks simulate --png docs/images/scaling.png

classroom: install  ## Let a class of sixty press play on this machine, and see when each has curves
	@$(BIN)/python -m benchmarks classroom

lesson: install  ## Let three hundred phones vote in one lesson, and see what they cost: half a minute
	@$(BIN)/python -m benchmarks lesson

faults: .venv/.test  ## Kill, hang, cut off, flood and fill a server and set its clock: does it recover?
	@$(BIN)/python -m tests.faults

cluster-test: .venv/.ray  ## Hold the Ray engine and two servers to every promise, on a real cluster; installs Ray
	@CLUSTER_TESTS=1 $(BIN)/python -m pytest tests/cluster tests/engine -k "ray or servers or handover or sweep or faults"

cluster-faults: .venv/.ray  ## Kill each part of a cluster with two servers in the middle of 20 races; installs Ray
	@$(BIN)/python -m tests.cluster.faults

screenshots: .venv/.test  ## Take the pictures of the README in a real Chromium
	@$(BIN)/python -m tests.browser.screenshots

recordings: install  ## Run anew what the front page and the experiments show first, and draw its card
	@$(BIN)/python -m app record

claims: install  ## Train what the article's claims are judged by, and write docs/claims.md: some three minutes
	@$(BIN)/python -m app claims

clean:  ## Remove everything that make has put here
	@rm -rf .venv node_modules static/vendor static/bundle build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp follows the one before, so that `make -j` never runs two pips in one environment.

.venv/.installed: $(SETUP)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Optimizer Playground needs \
	Python 3.11 or newer, and $(PYTHON) is %d.%d. Choose another: make PYTHON=…" % sys.version_info[:2])'
	@test -e $@ || echo "Setting up (first time only, about a minute)…"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q -e .
	@touch $@

.venv/.test: .venv/.installed
.venv/.dev .venv/.ray: .venv/.test
.venv/.parity: .venv/.dev
.venv/.peers: .venv/.parity

.venv/.test .venv/.dev .venv/.ray .venv/.parity .venv/.peers: .venv/.%:
	@test -e $@ || echo "Setting up what is needed for $* (first time only)…"
	@$(BIN)/python -m pip install -q -e '.[$*]'
	@touch $@

node_modules/.package-lock.json: package-lock.json .venv/.test
	@$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@
