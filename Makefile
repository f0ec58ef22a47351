# Two commands: `make run` sets up and does the main job, `make test` sets up and runs all tests.
# Without make, type the lines behind each.

PYTHON ?= python3

.PHONY: run test check

run:
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --constraint constraints.txt --editable .
	.venv/bin/cutaway "Mike is quick. He moves"
	.venv/bin/cutaway open

test:
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	.venv/bin/python -m pytest -n 2

check:
	.venv/bin/ruff check .
	.venv/bin/pyright
