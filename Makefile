# Everything starts from nothing but Python 3.11 or newer and make.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Many processes are started here: each would compile everything anew where the environment forbids to keep it.
unexport PYTHONDONTWRITEBYTECODE

# The first Python that is new enough, unless one is given: make PYTHON=/path/to/python test
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python3.14,\
    $(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))

VENV := .venv
BIN := $(VENV)/bin
# Named after what is in the lock: another lock, another stamp, another installation.
STAMP := $(VENV)/installed-$(firstword $(shell cat requirements-dev.lock pyproject.toml 2>/dev/null | sha256sum))
ROOMS := $(wildcard hub connectors routing inbox_ui config tests)
# What the tests talk to: the program and the Debian package that has it.
PROGRAMS := dovecot=dovecot-imapd lmtp=dovecot-lmtpd postfix=postfix chromium-headless-shell=chromium-headless-shell chromium-headless-shell=fonts-dejavu-core chromium-headless-shell=fonts-noto-color-emoji node=nodejs npm=npm
TESTS ?=
# One more than cores, because many tests wait; browsers and databases run beside them, so not many more.
WORKERS ?= $(shell n=$$(nproc); echo $$(( n < 4 ? n + 1 : 4 )))

.PHONY: help
help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

.PHONY: demo
demo: $(STAMP) ## start Hubbub with simulated channels and customers; no key, no account needed
	@exec $(BIN)/hubbub demo

.PHONY: test
test: ## check everything before a change is taken; fewer tests with TESTS=tests/config
	@$(MAKE) --jobs 3 --output-sync lint packages
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal $(TESTS)

.PHONY: explore
explore: $(STAMP) ## try the tests that make up their examples with others than always
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal --hypothesis-profile explore -m hypothesis $(TESTS)

.PHONY: bench
bench: $(STAMP) packages ## measure speed and memory
	@$(BIN)/python -m tests.benchmarks

.PHONY: storm
storm: $(STAMP) packages ## kill workers and the database under 2,000 mails and 500 answers, and count what is left
	@$(BIN)/python -m tests.chaos

.PHONY: race
race: $(STAMP) ## hand out 5,000 conversations by four processes that are killed at random, and check what was promised
	@$(BIN)/python -m tests.chaos.race_day

.PHONY: capabilities
capabilities: $(STAMP) ## write the table of what connectors can do
	@$(BIN)/python -m tests.connectors.capabilities

.PHONY: lint
lint: style types imports ## check style, types and who imports whom

.PHONY: style
style: $(STAMP)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }

.PHONY: types
types: $(STAMP)
	@$(BIN)/mypy --strict $(ROOMS)

.PHONY: imports
imports: $(STAMP)
	@$(BIN)/lint-imports --no-cache --verbose >$(VENV)/imports.txt 2>&1 || { cat $(VENV)/imports.txt; exit 1; }

.PHONY: lock
lock: $(BIN)/python ## choose the newest versions that fit and write them down with their hashes
	@[ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(COMPILE) --output-file requirements.lock pyproject.toml
	@$(COMPILE) --output-file requirements-dev.lock --extra dev --extra embedded pyproject.toml
	@printf 'hatchling>=1.27\n' | $(COMPILE) --output-file config/requirements-build.lock -

COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: packages
packages:
	@.ci/packages $(PROGRAMS)

$(STAMP): $(BIN)/python
	@echo "Installing Python packages into $(VENV)"
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/installed-* && touch $@

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Hubbub needs Python 3.11 or newer: install it, or give PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "Python cannot make a virtual environment: on Debian, sudo apt-get install python3-venv" >&2; exit 1; }
