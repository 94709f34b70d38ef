# One word for each thing a developer does. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
KILLS ?= 200
SECONDS ?= 60
SEED ?= $(shell date +%s)
CORPORA ?= ../shared/corpora
VECTORS ?= ../shared/vectors
AS_OF ?=
SIZES ?= 100,300
RUNS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo story serve test test-browser pictures reference pilots truth crash fuzz explore bench bench-validate bench-compat bench-sign bench-mirror check fix clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

# What the product itself needs. The check comes first, so that what is missing is one line with its cure.
$(VENV)/.run: pyproject.toml
	@command -v git >/dev/null || { echo "make: git is missing. Install it (Debian: apt-get install git) and run make again."; exit 2; }
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is missing. Install Python 3.11 or newer, or say which: make PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $$($(PYTHON) --version) is too old, 3.11 is needed. Say which to use: make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "make: Python's venv module is missing. Install it (Debian: apt-get install python3-venv) and run make again."; exit 2; }
	@echo "Making the environment in $(VENV) (once, about half a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1' 2>/dev/null
	@$(PIP) install --editable . 2>$(VENV)/pip.log || { tail -n 5 $(VENV)/pip.log; echo "make: the packages could not be installed. Is the package index reachable? Then run make again."; exit 3; }
	@touch $@

# What its tests need besides.
$(VENV)/.dev: $(VENV)/.run
	@echo "Adding the test tools ..."
	@$(PIP) install --editable . --group dev 2>$(VENV)/pip.log || { tail -n 5 $(VENV)/pip.log; echo "make: the test tools could not be installed. Is the package index reachable? Then run make again."; exit 3; }
	@touch $@

# What fuzzing needs besides the test tools, whose examples it starts from.
$(VENV)/.fuzz: $(VENV)/.dev
	@echo "Adding the fuzzing engine ..."
	@$(PIP) install --group fuzz 2>$(VENV)/pip.log || { tail -n 5 $(VENV)/pip.log; echo "make: the fuzzing engine could not be installed. Is the package index reachable? Then run make again."; exit 3; }
	@touch $@

demo: $(VENV)/.run ## build the demo federation and say where to look
	@$(BIN)/python examples/federation/demo.py $(if $(AS_OF),--as-of $(AS_OF))

story: $(VENV)/.run ## tell of one change by the commands that it takes: released, filed, voted on, waived, repaired
	@$(BIN)/python examples/one_change/story.py

serve: $(VENV)/.run ## show the demo on a loopback address
	@$(BIN)/chora serve examples/federation/out/site

test: $(VENV)/.dev ## run the whole suite: needs Python, git and make alone
	@$(PYTEST) -q -n 2 --dist loadfile --ignore=tests/browser --ignore=tests/truth

test-browser: $(VENV)/.dev ## look at the demo with Chromium: needs chromium and npm
	@$(PYTEST) -q tests/browser

pictures: $(VENV)/.dev ## take the README's pictures anew
	@$(BIN)/python tests/browser/pictures.py

reference: $(VENV)/.run ## write the pages about schemas, options and examples anew; needs no network
	@$(BIN)/python -m tests.house.written_pages

pilots: $(VENV)/.dev ## run the tests that the pilots rest on and write their plan anew: make pilots AS_OF=2026-12-01
	@$(BIN)/python -m tests.pilots $(if $(AS_OF),--as-of $(AS_OF))

truth: $(VENV)/.dev ## hold the tool against real data: make truth CORPORA=DIR VECTORS=DIR
	@CHORA_CORPORA=$(CORPORA) CHORA_VECTORS=$(VECTORS) $(PYTEST) -q tests/truth

crash: $(VENV)/.dev ## kill builds and imports at random moments and let their writes fail: make crash KILLS=200 SEED=1
	@CHORA_KILLS=$(KILLS) CHORA_SEED=$(SEED) $(PYTEST) -q -rP tests/attacks/test_crash.py tests/attacks/test_mirror_crash.py tests/attacks/test_bundle.py::test_any_byte_that_is_flipped_is_refused tests/journeys/test_publication.py

fuzz: $(VENV)/.fuzz ## try random bytes on every reader: make fuzz SECONDS=600 SEED=1
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed $(SEED)

explore: $(VENV)/.fuzz ## try what no change has tried yet: new examples for every property, then make fuzz
	@$(PYTEST) -q -n 2 --dist loadfile --hypothesis-profile=new tests/properties tests/contract
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed $(SEED)

bench: $(VENV)/.run ## measure a build beside its floor: make bench SIZES=1000 RUNS=1
	@$(BIN)/python -m benchmarks.federation --sizes $(SIZES) --runs $(RUNS)

bench-validate: $(VENV)/.run ## measure chora validate beside parsing the same files
	@$(BIN)/python -m benchmarks.validating

bench-compat: $(VENV)/.dev ## measure the matrix at 1,000, 3,000 and 10,000 capabilities
	@$(BIN)/python -m benchmarks.compat

bench-sign: $(VENV)/.run ## measure signing and verifying beside sha256sum of the same files
	@$(BIN)/python -m benchmarks.signing

bench-mirror: $(VENV)/.run ## measure an import beside tar and sha256sum of the same archive
	@$(BIN)/python -m benchmarks.mirror

check: $(VENV)/.dev ## lint, types, layers and workflows alone (a part of make test)
	@$(PYTEST) -q tests/house

fix: $(VENV)/.dev ## let ruff mend what it can
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

clean: ## remove everything that was built
	rm -rf examples/federation/out examples/one_change/out .chora dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache node_modules benchmarks/results
	find site -mindepth 1 ! -name README.md -delete
