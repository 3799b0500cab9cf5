# The verbs of the house. `make demo` and `make test` set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers
ARGS ?=
WORKERS ?= 2
REGIONS ?= $(or $(VESSELTRACK_REGIONS),regions)

.PHONY: help install demo test lint bench faults check-local docs lock map sea clean

help:  ## say what each verb does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

install: $(STAMP)  ## create .venv with everything for use and development, from the lock file

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'vesseltrack needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'installing into $(VENV) (once; about a minute)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP)  ## run the shipped archives and serve API and map on 127.0.0.1:8000 (ARGS=--no-serve: only the lists)
	@$(BIN)/vesseltrack demo $(ARGS)

test: $(STAMP)  ## run the whole test suite
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(STAMP)  ## style, types, spelling, the import contract, dependencies and the Dockerfile
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/numpydoc lint $$(find vesseltrack services/api -name '*.py')
	@$(BIN)/lint-imports
	@$(BIN)/codespell
	@$(BIN)/deptry vesseltrack services/api
	@$(BIN)/hadolint Dockerfile

bench: $(STAMP) $(PEERS)  ## measure speed as ratios against peers in the same run
	@$(BIN)/python tests/bench $(ARGS)

faults: $(STAMP)  ## kill ingest and fail its writes at many moments: one export in the end (needs a C compiler; ARGS=seed)
	@$(BIN)/python tests/faults $(ARGS)

check-local: $(STAMP)  ## check archives that may not be shipped, a figure each (DATA=DIR)
	@$(BIN)/python tests/local $(DATA)

# Without a compiler libais is missing, and the bench says so.
$(PEERS): requirements-bench.lock | $(STAMP)
	@echo 'installing peers of the bench into $(VENV) (once; libais is compiled)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock \
	  && touch $(PEERS) || echo 'not installed: see above; the bench leaves out what is missing' >&2

docs: $(STAMP)  ## build the documentation into docs/_build
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build
	@echo 'docs/_build/index.html'

UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate

lock: $(STAMP)  ## resolve the dependencies anew into the lock files
	@$(UV_COMPILE) pyproject.toml --output-file requirements.lock
	@$(UV_COMPILE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(UV_COMPILE) --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock

map: $(STAMP)  ## build the map bundle (needs Node 20)
	@cd services/map && npm ci --no-audit --no-fund && npm run build

sea: $(STAMP)  ## make the shipped sea graph anew (minutes, 12 GB), or with REGION=W,S,E,N SOURCE=land.geojson a finer region into REGIONS=regions
	@$(if $(REGION),$(BIN)/python fixtures/make/sea_region.py $(REGION) $(SOURCE) $(REGIONS),\
	  $(BIN)/python fixtures/make/sea_graph.py vesseltrack/data)

clean:  ## remove everything that can be made again
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
