# Longwatch: every target does its own set-up. `make demo` and `make test` are all a newcomer needs.

PYTHON ?= python3
VENV ?= .venv
DATA ?=
SEED ?= 1
JOBS ?= auto

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PINS := pyproject.toml constraints.txt
SITE := demo-site/$(if $(DATA),data,simulated)
LONGWATCH := LONGWATCH_ARCHIVE=$(SITE)/archive $(BIN)/longwatch
PYTEST := $(BIN)/python -m pytest
QUICK := $(wildcard $(addprefix tests/,domain fits catalog objects products series cubes plots instruments))

.PHONY: help setup demo test quick soak lint format typing bench docs clean
.DEFAULT_GOAL := help

help:
	@echo "make demo               simulate, ingest, run the monitors, write the report"
	@echo "make demo DATA=FOLDER   the same with your own files"
	@echo "make test               all tests but the long ones"
	@echo "make soak               the long ones"
	@echo "make lint typing docs   style and import contract, types, manual"
	@echo "make bench              measure, write docs/benchmarks.md"
	@echo "make setup              everything a developer needs, in $(VENV)"
	@echo "make clean              remove what was made"
	@echo "Another Python: make demo PYTHON=python3.13"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Longwatch needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Say which one to use: make $(MAKECMDGOALS) PYTHON=python3.13"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready-demo: $(PINS) | $(BIN)/python
	@echo "Installing what the demonstration needs (once)"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.ready-all: $(PINS) | $(BIN)/python
	@echo "Installing everything a developer needs (once)"
	@$(PIP) install -c constraints.txt -e '.[all]'
	@touch $@ $(VENV)/.ready-demo

setup: $(VENV)/.ready-all

demo: $(VENV)/.ready-demo
	@mkdir -p $(SITE)
ifeq ($(DATA),)
	@for instrument in cos aca stis; do \
	  $(LONGWATCH) simulate $$instrument $(SITE)/incoming/$$instrument --seed $(SEED) || exit 1; done
	@$(LONGWATCH) aca l0 history $(SITE)/incoming/aca/history --seed $(SEED)
endif
	$(LONGWATCH) ingest $(or $(DATA),$(SITE)/incoming)
ifeq ($(DATA),)
	$(LONGWATCH) stis derive
endif
	$(LONGWATCH) monitor run
	$(LONGWATCH) status
	$(LONGWATCH) report

test: $(VENV)/.ready-all
	$(PYTEST) -n $(JOBS) -m "not soak" $(ARGS)

quick: $(VENV)/.ready-all
	$(PYTEST) -n $(JOBS) -m "not soak and not contract" $(QUICK) $(ARGS)

soak: $(VENV)/.ready-all
	$(PYTEST) -m "soak or contract" --timeout 7200 $(ARGS)

lint: $(VENV)/.ready-all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell src tests docs bench README.md CONTRIBUTING.md CHANGELOG.md
	$(BIN)/lint-imports

format: $(VENV)/.ready-all
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typing: $(VENV)/.ready-all
	$(BIN)/mypy

$(VENV)/.ready-bench: $(VENV)/.ready-all
	@$(PIP) install -c constraints.txt -e '.[all,bench]'
	@touch $@

bench: $(VENV)/.ready-bench
	$(BIN)/python bench/run.py $(ARGS)

docs: $(VENV)/.ready-all
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean:
	rm -rf build dist demo-site docs/_build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +
