# Every target does its own set-up in .venv; Python 3.11 or newer is all that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A file's tests stay together, for what they share is built once; what takes long begins first (tests/conftest.py).
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test quick deep lint format bench snapshots hooks clean

demo: $(VENV)/.runtime ## sandbox, first pull and console on an embedded database
	$(BIN)/tieout demo

test: $(VENV)/.development ## everything that a change is held against
	$(PYTEST)

quick: $(VENV)/.development ## everything but the slow tests
	$(PYTEST) -m "not slow"

deep: $(VENV)/.development ## the same with more seeds of what is drawn at random
	$(PYTEST) --deep

lint: $(VENV)/.development ## what CI checks beside the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.development ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.development ## figures as ratios against a baseline of the same run
	$(BIN)/python -m tests.bench

snapshots: $(VENV)/.development ## draw the screens anew; look at each picture before you commit it
	TIEOUT_GOLDENS=write $(BIN)/python -m pytest tests/console/screens/test_goldens.py \
		tests/console/screens/test_snapshots.py --snapshot-update

hooks: ## check before each commit
	git config core.hooksPath .githooks

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.development: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/.runtime

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
