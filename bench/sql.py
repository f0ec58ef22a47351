"""GPT-2 small in SQL: loading, a prompt of 6 tokens, a further token; beside the NumPy engine.

    python -m bench.sql --tokenizer ../shared/data/gpt2-tokenizer

Random weights. In turn, round by round: the NumPy engine, DuckDB, PostgreSQL with pgvector, and
PostgreSQL as "GPT in 500 lines of SQL" has it, with vectors where pgvector puts them by itself:
longer ones beside the table, to be fetched one by one. The server is the PyPI package pgserver's.
All keep every table.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.random_model import random_gpt2_small

from cutaway.engines.sql import DuckDB, PostgreSQL, SqlRun, make_duckdb, open_postgresql
from cutaway.model import Model, open_model
from cutaway.workbook import Run

T = TypeVar("T")
PROMPT = "Mike is quick. He moves"  # 6 tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--tokenizer", type=Path, required=True,
                        help="a folder with GPT-2's own vocabulary")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    import pgserver  # here, so that --help needs no server

    with tempfile.TemporaryDirectory() as folder:
        model = open_model(random_gpt2_small(Path(folder) / "model", options.tokenizer))
        server = pgserver.get_server(Path(folder) / "postgresql")
        try:
            compare(model, Path(folder), server.get_uri(), options.rounds)
        finally:
            server.cleanup()


def compare(model: Model, folder: Path, url: str, rounds: int) -> None:
    import pgserver

    file = folder / "gpt2.duckdb"
    seconds, _ = timed(lambda: make_duckdb(model, file))
    print(f"DuckDB: loaded in {seconds:.1f} s, {file.stat().st_size / 2**20:,.0f} MiB")
    duckdb = DuckDB(file)
    seconds, postgresql = timed(lambda: open_postgresql(model, url))
    size = postgresql.rows("SELECT pg_database_size(current_database())")[0][0]
    print(f"PostgreSQL: loaded in {seconds:.1f} s, {size / 2**20:,.0f} MiB")

    other = pgserver.get_server(folder / "as-published")
    published = open_postgresql(model, other.get_uri())
    keep_vectors_aside(model, published)

    runs = {"DuckDB": SqlRun(model, duckdb), "PostgreSQL": SqlRun(model, postgresql),
            "as published": SqlRun(model, published)}
    prompts: dict[str, list[float]] = {"NumPy": [], **{name: [] for name in runs}}
    tokens: dict[str, list[float]] = {name: [] for name in prompts}
    for _ in range(rounds + 1):  # the first round warms the caches, and does not count
        seconds, run = timed(lambda: calculated(model.run(PROMPT)))
        prompts["NumPy"].append(seconds)
        tokens["NumPy"].append(timed(lambda run=run: calculated(run.append(11)))[0])
        for name, sql_run in runs.items():
            prompts[name].append(timed(lambda one=sql_run: one.predict(PROMPT))[0])
            tokens[name].append(timed(lambda one=sql_run: further(one))[0])
    tell(f"{len(runs['DuckDB'].ids) - 1} tokens", prompts)
    tell("a further token", tokens)
    duckdb.close()
    postgresql.close()
    published.close()
    other.cleanup()


def keep_vectors_aside(model: Model, database: PostgreSQL) -> None:
    """The weights as a plain CREATE TABLE stores them: pgvector's columns are EXTERNAL."""
    for name, axes in model.book.weights.items():
        if len(axes) == 2:
            database.execute(f"CREATE TABLE {name}_aside AS SELECT * FROM {name};"
                             f"DROP TABLE {name} CASCADE;"
                             f"ALTER TABLE {name}_aside RENAME TO {name.split('.')[-1]}")
    database.execute("ANALYZE")


def calculated(run: Run) -> Run:
    """A run with every table that the prediction needs."""
    run["next_probabilities"]
    return run


def further(run: SqlRun) -> None:
    run.choose()
    run.append()


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """How many seconds it took, and what came of it."""
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def tell(words: str, times: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(seconds[1:]) for name, seconds in times.items()}
    print(f"{words}:")
    for name, seconds in times.items():
        print(f"  {name:<12} median {medians[name]:.3f} s, from {min(seconds[1:]):.3f} to "
              f"{max(seconds[1:]):.3f}, {medians[name] / medians['DuckDB']:.2f} of DuckDB's")


if __name__ == "__main__":
    main()
