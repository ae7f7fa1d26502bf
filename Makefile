# The front desk: what can be done here, each in one word. Needs the environment that `make .venv` makes.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: check test prove bench picture

check: .venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: .venv
	$(BIN)/pytest

prove: .venv
	$(BIN)/gradcheck verify

bench: .venv
	$(BIN)/python benchmarks/verify_time.py

picture: .venv
	$(BIN)/python docs/picture.py

.venv:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[test]'
