# Every target works from a bare clone: each makes .venv first where it is missing or out of date.
PYTEST := .venv/bin/python -m pytest
FAST_LAYOUT := tests/test_layout.py tests/test_light_imports.py tests/test_wording.py tests/test_repository.py tests/test_deployment.py tests/test_services.py

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all test-long check format bench clean

help: ## these lines
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F '|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: ## make .venv with everything in it (fetches uv and Python where missing)
	@.ci/setup

run: setup ## the demonstration school, with real proxied traffic, at a local address
	@.venv/bin/fairgate demo

test: setup ## the fast tests
	$(PYTEST) -m "not slow and not soak"

test-all: setup ## everything CI runs: make check, then every test but the soaks (under an hour)
	@status=0; make --no-print-directory check || status=1; $(PYTEST) -m "not soak" || status=1; exit $$status

test-long: setup ## the soaks: hours of load
	$(PYTEST) -m soak --timeout 0

check: setup ## style, types, import order, layout
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTEST) -q $(FAST_LAYOUT)

format: setup ## put the code into the project's form
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: setup ## measure, and write build/bench.json (under ten minutes)
	.venv/bin/python -m tests.benchmarks.run

clean: ## remove what was built and fetched into this folder
	rm -rf .venv .uv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
