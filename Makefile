# Everything starts from here. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit("$(PYTHON) is Python %d.%d" % sys.version_info[:2])' \
	  || { echo "babelwire needs Python 3.11 to 3.13; name one with PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: setup
setup: $(READY) ## Create the environment (.venv) from the lock file

.PHONY: run
run: $(READY) ## Run everything here on sample articles; Ctrl-C stops, ONCE=1 stops by itself
	$(BIN)/babelwire up $(if $(ONCE),--once,--samples) --log-format console

.PHONY: test
test: $(READY) ## Run the whole test suite (real Kafka where Java and Maven are present)
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile --durations 12

.PHONY: test-faults
test-faults: $(READY) ## Run the fault tests in their long form (an hour, real Kafka)
	$(BIN)/python -m pytest tests/faults -m faults --long -s

.PHONY: soak
soak: $(READY) ## Watch the memory over 100,000 articles at twice the capacity (an hour, real Kafka)
	$(BIN)/python -m pytest tests/faults/test_memory.py --long -s

.PHONY: bench
bench: $(READY) ## Measure throughput, latency and overhead on a real Kafka
	$(BIN)/python -m tests.bench.stream

.PHONY: check
check: $(READY) ## Lint, types, layers, drift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/babelwire schemas check
	$(BIN)/python ops/generate.py --check
	$(BIN)/python ops/dashboards.py --check

.PHONY: kb-setup
kb-setup: $(READY) ## Install what compiles the knowledge base (needs libicu-dev, pkg-config, g++)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-kb.lock

.PHONY: kb
kb: kb-setup ## Compile the knowledge base anew from its sources
	$(BIN)/python -m agents.entities.knowledge.build

.PHONY: ner-setup
ner-setup: $(READY) ## Install what trains the recogniser (torch: some gigabytes)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-ner.lock

.PHONY: lock
lock: $(READY) ## Write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra otel -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra otel --group dev -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --group kb -c requirements-dev.lock -o requirements-kb.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --group ner -c requirements-dev.lock -o requirements-ner.lock
