# Tandem on one machine. Needs Python 3.11 or newer, make and git; everything else it fetches into .venv.
# Another Python: make PYTHON=python3.12 demo

PYTHON ?= python3
BIN := .venv/bin
# In as many processes as there are cores, up to four.
TEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --durations 10
SEMGREP := PATH="$(CURDIR)/.venv-semgrep/bin:$$PATH" semgrep --metrics=off --disable-version-check
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --universal --no-header --no-annotate

.PHONY: help demo up test test-slow bench eval screenshots lint types contracts audit audit-dependencies sbom map clicks pictures lock clean

help:  ## this list
	@awk -F ':.*## *' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run  ## play a whole hire on real servers, and leave everything running to look at
	@$(BIN)/tandem demo

up: .venv/run  ## start Tandem: PostgreSQL, Temporal, mailbox, worker, API; Ctrl-C stops it
	@$(BIN)/tandem up

test: .venv/test  ## every fast test
	$(TEST) -m "not slow"

test-slow: .venv/slow .venv/last-release  ## the others: kills, a model, pages, alerts; needs Debian's chromium, espeak-ng and prometheus
	$(TEST) -m "slow or hypothesis" --hypothesis-profile slow

SCREENSHOTS ?= .tandem/screenshots
screenshots: .venv/slow  ## pictures of every page, light, dark and on a phone; needs chromium (SCREENSHOTS=folder)
	$(BIN)/python -m tests.pages.screenshots $(SCREENSHOTS)

eval: .venv/slow  ## measure the drafters on the corpus and under attack; writes docs/evaluation.md
	$(BIN)/python -m bench.evaluation

bench: .venv/test  ## measure commands beside bare workflows, alone on the machine; writes docs/performance.json
	$(BIN)/python -m bench.command_speed --write docs/performance.json

lint: .venv/dev  ## style and common mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev  ## strict types
	$(BIN)/mypy

contracts: .venv/dev  ## who may import whom
	$(BIN)/lint-imports

# What the product is made of; tests may do what it may not. The rules say what each stands for, their examples that it
# still finds it. They are the project's own, so nothing is fetched and nothing is sent.
PRODUCT := activities api deploy documents domain language local mail ops privacy store workflows \
	cli.py settings.py wiring.py worker.py
audit: .venv/dev .venv-semgrep/installed  ## what lint cannot see: bandit, and the rules of .semgrep/ after their own examples
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(PRODUCT)
	cd .semgrep && $(SEMGREP) --test .
	$(SEMGREP) --quiet --error --config .semgrep $(PRODUCT)

audit-dependencies: .venv/test  ## known faults in what is locked, asked of osv.dev (OSV=address of another database)
	$(BIN)/python -m tests.supply.dependency_audit $(if $(OSV),--osv $(OSV))

sbom: .venv/test  ## dist/tandem.cdx.json: what is installed to run, with hashes and licences (CycloneDX)
	$(BIN)/python -m tests.supply.sbom

map: .venv/run  ## write docs/chapters.md and docs/access.md anew: what leads to what, and who may read it
	$(BIN)/python -m ops.chapter_map
	$(BIN)/python -m api.access_map

clicks: .venv/slow  ## count what frequent tasks take in a browser, and write docs/clicks.md; needs chromium
	TANDEM_WRITE_CLICKS=1 $(TEST) tests/pages/test_clicks.py

pictures: .venv/slow  ## take the pictures of docs/operations.md again; needs Debian's chromium
	$(BIN)/python -m tests.e2e.pictures

lock: .venv/dev  ## choose the newest allowed versions again and write them, with hashes, to the lock files
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --extra test -c requirements.lock -o requirements-test.lock
	$(COMPILE) --upgrade pyproject.toml --extra test --extra slow -c requirements-test.lock -o requirements-slow.lock
	$(COMPILE) --upgrade pyproject.toml --extra test --extra dev -c requirements-slow.lock -o requirements-dev.lock
	printf 'semgrep\n' | $(COMPILE) --upgrade - -o requirements-semgrep.lock
	printf 'hatchling\neditables\n' | $(COMPILE) --upgrade - -c requirements-dev.lock -o requirements-build.lock

clean:  ## remove the virtual environment and caches; your data in .tandem stays
	rm -rf .venv .venv-semgrep .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp stands for "installed as locked". Only files whose hash is in the lock are installed, and nothing is
# compiled; Tandem itself is linked to this folder, built by the locked hatchling, so that editing a file is enough.
# pip says what it does, a line a package: the first time takes minutes on a slow line.
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --only-binary :all: --require-hashes

.venv/run: requirements.lock requirements-build.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Tandem needs into .venv (once) …"
	@$(INSTALL) -r requirements.lock -r requirements-build.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test .venv/slow .venv/dev: .venv/%: requirements-%.lock .venv/run
	@echo "Installing what 'make $(MAKECMDGOALS)' needs besides (once) …"
	@$(INSTALL) -r $<
	@touch $@

# Apart from ours: it wants other versions of what we use.
.venv-semgrep/installed: requirements-semgrep.lock | .venv/bin/python
	@echo "Installing semgrep (once) …"
	@$(BIN)/python -m venv .venv-semgrep
	@.venv-semgrep/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r $<
	@touch $@

.venv/last-release: $(wildcard tests/rehearsal/releases/*) | .venv/run
	@echo "Installing what the last release ran with (once) …"
	@$(BIN)/python -m tests.rehearsal.archive install
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Tandem needs Python 3.11 or newer and $(PYTHON) is %d.%d: make PYTHON=python3.12 …" % v[:2])'
	@$(PYTHON) -m venv .venv
