# `make demo` and `make test` are all that a newcomer needs; each sets up what it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := PYTHONPATH=. DJANGO_SETTINGS_MODULE=entente.settings

.PHONY: demo test test-long test-postgres lint bench clean

$(VENV)/ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 
	touch $@

demo: $(VENV)/ready
	$(BIN)/entente demo

test: $(VENV)/ready lint
	$(BIN)/pytest -n 2 --dist worksteal -m "not long" --cov --cov-report=term:skip-covered

test-long: $(VENV)/ready
	$(BIN)/pytest -n 2

# The same tests against a PostgreSQL of the machine's own (15 or newer).
test-postgres: $(VENV)/ready
	$(BIN)/python tests/with_system_postgres.py $(BIN)/pytest -n 2 -m "not long"

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DATABASE_URL=postgresql:///unused $(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks $(ARGS)

lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header -q -o requirements-dev.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header -q -c requirements-dev.lock -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
