# Tandem on one machine. Needs Python 3.11 or newer, make and git; everything else it fetches into .venv.
# Another Python: make PYTHON=python3.12 demo

PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --universal --no-header --no-annotate

.PHONY: help demo up test eval screenshots lint types contracts map pictures lock clean

help:  ## this list
	@awk -F ':.*## *' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run  ## play a whole hire on real servers, and leave everything running to look at
	@$(BIN)/tandem demo

up: .venv/run  ## start Tandem: PostgreSQL, Temporal, mailbox, worker, API; Ctrl-C stops it
	@$(BIN)/tandem up

test: .venv/dev  ## every fast test
	$(BIN)/python -m pytest

SCREENSHOTS ?= .tandem/screenshots
screenshots: .venv/dev  ## pictures of every page, light, dark and on a phone; needs chromium (SCREENSHOTS=folder)
	$(BIN)/python -m tests.pages.screenshots $(SCREENSHOTS)

eval: .venv/dev  ## measure the drafters on the corpus and under attack; writes docs/evaluation.md
	$(BIN)/python -m bench.evaluation

lint: .venv/dev  ## style and common mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev  ## strict types
	$(BIN)/mypy

contracts: .venv/dev  ## who may import whom
	$(BIN)/lint-imports

map: .venv/run  ## write docs/chapters.md anew: which command leads to what, who reacts, which clocks
	$(BIN)/python -m ops.chapter_map

pictures: .venv/dev  ## take the pictures of docs/operations.md again; needs Debian's chromium
	$(BIN)/python -m tests.e2e.pictures

lock: .venv/dev  ## choose the newest allowed versions again and write them, with hashes, to the lock files
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	printf 'hatchling\neditables\n' | $(COMPILE) --upgrade - -c requirements-dev.lock -o requirements-build.lock

clean:  ## remove the virtual environment and caches; your data in .tandem stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp stands for "installed as locked". Only files whose hash is in the lock are installed; Tandem itself is
# linked to this folder, built by the locked hatchling, so that editing a file is enough.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.venv/run: requirements.lock requirements-build.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Tandem needs into .venv (once, a minute or two) …"
	@$(INSTALL) --require-hashes -r requirements.lock -r requirements-build.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

# The tests' language model runs on llama.cpp, which comes as source: built for every x86-64 with AVX2 (a virtual machine
# may announce more than it allows, and then the program dies of it), its server alone, as many files at once as cores.
.venv/dev: export CMAKE_ARGS := -DGGML_NATIVE=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF
.venv/dev: export LLAMA_CPP_BUILD_JOBS := $(shell getconf _NPROCESSORS_ONLN)
.venv/dev: requirements-dev.lock .venv/run
	@echo "Installing what its tests need …"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Tandem needs Python 3.11 or newer and $(PYTHON) is %d.%d: make PYTHON=python3.12 …" % v[:2])'
	@$(PYTHON) -m venv .venv
