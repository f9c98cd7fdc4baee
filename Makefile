# make demo · make test · make check · make prove — each sets up .venv by itself; nothing but Python 3.11, pip and make is needed.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.installed

.PHONY: demo test check prove bench format clean

demo: $(SETUP)
	$(BIN)/watchstate demo

test: $(SETUP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry core/src --config core/pyproject.toml
	$(BIN)/deptry plugins/mediabrowser/src --config plugins/mediabrowser/pyproject.toml
	$(BIN)/deptry plugins/jellyfin/src --config plugins/jellyfin/pyproject.toml
	$(BIN)/deptry plugins/emby/src --config plugins/emby/pyproject.toml
	$(BIN)/deptry plugins/plex/src --config plugins/plex/pyproject.toml
	$(BIN)/python -m pytest -m docs tests/docs

prove: $(SETUP)
	$(BIN)/python -m tests.mutants.prove_mutants
	$(BIN)/python -m tests.property.prove_pure --sequences 20000 --steps 60 --processes 2
	$(BIN)/python -m tests.crash.prove_kills --kills 300
	$(BIN)/python -m tests.property.prove_stack --minutes 60 --processes 2

bench: $(SETUP)
	$(BIN)/python tests/bench/scan.py
	$(BIN)/python -m tests.bench.incremental
	$(BIN)/python -m tests.bench.requests
	$(BIN)/python -m tests.bench.webhooks

format: $(SETUP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(SETUP): pyproject.toml core/pyproject.toml $(wildcard plugins/*/pyproject.toml) constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' -e core -e plugins/mediabrowser -e plugins/jellyfin -e plugins/emby -e plugins/plex
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
