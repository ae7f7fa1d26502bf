# The front desk: what can be done here, each in one word. Needs the environment that `make .venv` makes.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: check test coverage prove report bench peers picture mistakes

check: .venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/gradcheck report --check --out proofs
	$(BIN)/gradcheck report convolution_arithmetic --check --out proofs

test: .venv
	$(BIN)/pytest

coverage: .venv
	$(BIN)/pytest --cov=gradcheck --cov-branch --cov-report=term:skip-covered --cov-fail-under=95

prove: .venv
	$(BIN)/gradcheck verify

report: .venv
	$(BIN)/gradcheck report --out proofs
	$(BIN)/gradcheck report convolution_arithmetic --out proofs

bench: .venv
	$(BIN)/python benchmarks/sweep_time.py
	$(BIN)/python benchmarks/verify_time.py
	$(BIN)/python benchmarks/report_time.py
	$(BIN)/python benchmarks/prove_time.py
	$(BIN)/python benchmarks/target_time.py
	$(BIN)/python benchmarks/pytest_startup.py

peers: .venv # beside the gradient checkers of torch, jax and autograd: pip install '.[bench]'
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/sweep_time.py
	$(BIN)/python benchmarks/detection.py
	$(BIN)/python benchmarks/function_corpus.py

mistakes: .venv
	$(BIN)/python docs/mistakes.py

picture: .venv
	$(BIN)/python docs/picture.py

.venv:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[test]'
