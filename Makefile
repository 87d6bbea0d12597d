# agent-run: two commands to begin with, `make chat` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help chat install install-dev servers test check format schemas coverage bench proof lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

chat: $(VENV)/.installed ## talk to the guide (ARGS="other-agent" for another agent)
	@$(BIN)/agent-run chat $(or $(ARGS),guide)

install: $(VENV)/.installed ## install agent-run into .venv

install-dev: $(VENV)/.installed-dev ## install agent-run and everything its tests need into .venv

servers: ## install the published MCP servers that some tests run against (needs npm)
	@PYTHON=$(PYTHON) tests/servers/prepare.sh >&2

test: $(VENV)/.installed-dev ## run all tests (ARGS="-k words" for some)
	@$(BIN)/pytest -n auto --dist loadfile $(ARGS)

check: $(VENV)/.installed-dev ## lint, format, types, house rules, schemas, examples of the docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/pytest tests/house tests/docs

format: $(VENV)/.installed-dev ## format the code and sort imports
	@$(BIN)/ruff check --fix --select I .
	@$(BIN)/ruff format .

schemas: $(VENV)/.installed-dev ## write schemas/ again from the classes
	@$(BIN)/python -c 'from pathlib import Path; from runner.compiler import schema; schema.write(Path("schemas"))'

coverage: $(VENV)/.installed-dev ## run all tests and write htmlcov/ and coverage.xml
	@rm -f .coverage .coverage.*
	@$(BIN)/pytest -n auto --dist loadfile --cov --cov-report=term --cov-report=html --cov-report=xml $(ARGS)

bench: $(VENV)/.installed-dev ## run the benches and print medians and ratios (ARGS="validate" for one)
	@$(BIN)/python -m bench $(ARGS)

proof: $(VENV)/.installed-dev ## run in full what the tests run as a seeded sample (minutes)
	@AGENT_RUN_PROOF=1 $(BIN)/pytest $(or $(ARGS),tests/mcp/test_killed_run.py tests/mutations)

lock: $(VENV)/.installed-dev ## pin all requirements again, with hashes
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --group build pyproject.toml --output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --group build --extra dev --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

clean: ## remove everything that was made here
	@rm -rf $(VENV) dist build htmlcov coverage.xml .coverage .coverage.* .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Standard input belongs to the person (or the pipe) at `make chat`: no step of the installation may read it.
# What is said here goes to stderr: stdout carries only the answer.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' </dev/null 2>/dev/null || { \
	  echo "error: agent-run needs Python 3.11 or newer, and \`$(PYTHON)\` is $$($(PYTHON) --version 2>&1 || echo not there)" >&2; \
	  echo "hint: name another one: make chat PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) </dev/null || { \
	  echo "error: \`$(PYTHON)\` cannot make a virtual environment" >&2; \
	  echo "hint: on Debian and Ubuntu: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing agent-run into $(VENV) (once, about a minute) ..." >&2
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt </dev/null
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable . </dev/null
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "installing what the tests need ..." >&2
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt </dev/null
	@touch $@
