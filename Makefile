# Tandem on one machine. Needs Python 3.11 or newer, make and git; everything else it fetches into .venv.
# Another Python: make PYTHON=python3.12 demo

PYTHON ?= python3
BIN := .venv/bin
# In as many processes as there are cores, up to four.
TEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --durations 10
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --universal --no-header --no-annotate

.PHONY: help demo up test test-slow eval screenshots lint types contracts map pictures lock clean

help:  ## this list
	@awk -F ':.*## *' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run  ## play a whole hire on real servers, and leave everything running to look at
	@$(BIN)/tandem demo

up: .venv/run  ## start Tandem: PostgreSQL, Temporal, mailbox, worker, API; Ctrl-C stops it
	@$(BIN)/tandem up

test: .venv/test  ## every fast test
	$(TEST) -m "not slow"

test-slow: .venv/slow  ## the others: kills, a model, pages, alerts; needs Debian's chromium and prometheus
	$(TEST) -m "slow or hypothesis" --hypothesis-profile slow

SCREENSHOTS ?= .tandem/screenshots
screenshots: .venv/slow  ## pictures of every page, light, dark and on a phone; needs chromium (SCREENSHOTS=folder)
	$(BIN)/python -m tests.pages.screenshots $(SCREENSHOTS)

eval: .venv/slow  ## measure the drafters on the corpus and under attack; writes docs/evaluation.md
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

pictures: .venv/slow  ## take the pictures of docs/operations.md again; needs Debian's chromium
