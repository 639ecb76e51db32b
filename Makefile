# demo, test, bench, docs, clean; the environment is made on first use. PYTHON=... chooses the interpreter.
export PYTHON

BIN := .venv/bin
LOCKS := requirements.lock requirements-uv.lock
ENGINE := $(wildcard src/phaseline/engine/*.py) src/phaseline/scenario/distributions.py src/phaseline/scenario/records.py
PYTEST_ARGS ?=

.PHONY: help env demo test bench docs lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make env    create .venv from the locks and compile the engine (about a minute the first time)'
	@echo 'make demo   run the founding case, results in build/demo'
	@echo 'make test   run the tests (PYTEST_ARGS="-k name" to choose)'
	@echo 'make bench  print the benchmark ratios'
	@echo 'make docs   build the documentation into build/docs'
	@echo 'make lock   resolve the locks anew from pyproject.toml'
	@echo 'make clean  remove build outputs and caches (rm -rf .venv starts over)'

env: .venv/.warm

.venv/.stamp: $(LOCKS) pyproject.toml tools/make_env.sh
	@tools/make_env.sh
	@touch $@

# Compiled kernels are kept outside the tree, named by a hash of the engine's sources, so this repeats when those change.
.venv/.warm: .venv/.stamp $(ENGINE)
	@if [ -f src/phaseline/engine/warm.py ]; then \
	    echo 'env: compiling the engine (under a minute the first time, else a second)' && \
	    $(BIN)/python -m phaseline.engine.warm && touch $@; \
	else \
	    echo 'env: phaseline.engine.warm is not there yet, nothing compiled'; \
	fi

demo: .venv/.warm
	@$(BIN)/phaseline run mosul-raqqa-2016 --out build/demo

test: .venv/.warm
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

bench: .venv/.warm
	$(BIN)/python -m benchmarks

docs: .venv/.stamp
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs
	@echo 'docs: open build/docs/index.html'

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --upgrade

lock: .venv/.stamp
	@echo 'lock: resolving for Python 3.11 and newer (some seconds)'
	@$(COMPILE) pyproject.toml --group dev --output-file requirements.lock
	@$(BIN)/uv --version | sed -E 's/^uv ([^ ]+).*/uv==\1/' | $(COMPILE) - --output-file requirements-uv.lock

clean:
	rm -rf build dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
