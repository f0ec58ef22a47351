# Two commands: `make run` sets up and does the main job, `make test` sets up and runs all tests.
# `make test-long` then tries many more examples; docs/testing.md tells what else tests need.
# `make docs` writes the Python reference from the docstrings into docs/reference.
# `make bench` measures beside the peers and writes docs/performance.md; it wants a quiet machine for half an hour.
# Without make, type the lines behind each.

PYTHON ?= python3

.PHONY: run test test-long check docs bench

run:
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --constraint constraints.txt --editable .
	.venv/bin/cutaway "Mike is quick. He moves"
	.venv/bin/cutaway open

test: tools/page/node_modules/.package-lock.json
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	.venv/bin/python -m pytest -n 3 --dist worksteal

tools/page/node_modules/.package-lock.json: tools/page/package-lock.json
	-npm ci --prefix tools/page --no-audit --no-fund --silent   # without npm some tests are skipped

test-long:
	.venv/bin/python -m pytest -n 2 --dist worksteal -m long --hypothesis-profile long

check: tools/page/node_modules/.package-lock.json
	@command -v npm >/dev/null || { echo "make check needs Node 20 or newer: apt-get install nodejs npm"; exit 1; }
	.venv/bin/ruff check .
	.venv/bin/pyright
	npm run --prefix tools/page --silent check

docs:
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --constraint constraints.txt --editable ".[docs]"
	.venv/bin/python docs/make_reference.py

bench:
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --constraint constraints.txt --editable ".[bench]"
	-.venv/bin/pip install --quiet --constraint constraints.txt llama-cpp-python   # needs a compiler
	.venv/bin/python -m bench.suite
