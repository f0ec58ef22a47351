"""Small models of random shapes, and both databases to put them in."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from cutaway import Config, Model, gpt2, open_model
from cutaway.engines.sql import DuckDB, SqlRun, load, open_postgresql
from cutaway.tokenizer import Tokenizer
from cutaway.weights import read_model_files, save_weights

SHAPES = {
    "one head": Config(vocab_size=256, n_positions=6, n_embd=4, n_layer=1, n_head=1),
    "odd heads": Config(vocab_size=270, n_positions=40, n_embd=35, n_layer=3, n_head=7),
    "another epsilon": Config(vocab_size=300, n_positions=32, n_embd=24, n_layer=2, n_head=2,
                              layer_norm_epsilon=1e-2),
}


def random_model(folder: Path, config: Config) -> Model:
    """A model of random weights and the storybook's first merges, through its own files."""
    random = np.random.default_rng(config.n_embd)
    book = gpt2(config)
    arrays = {name: random.normal(0, 0.3, [config.sizes[axis] for axis in axes]).astype(np.float32)
              for name, axes in book.weights.items()}
    save_weights(folder, config, arrays)
    merges = open_model().tokenizer.merges[:config.vocab_size - 256]
    return Model("random", config, book, read_model_files(folder).weights,
                 Tokenizer.from_merges(merges))


@pytest.fixture(scope="session")
def server(testrun_uid, worker_id) -> Iterator[str]:
    """The address of a database of this process's own, on the whole run's PostgreSQL with pgvector.

    The first process that asks starts the server, and the last one that is done stops it: pgserver
    keeps count in the server's folder, behind a lock in XDG_RUNTIME_DIR. The folder stands beside
    those of pytest: each pytest that starts closes them to all other users, and PostgreSQL, which
    never runs as root, is one.
    """
    folder = Path(tempfile.gettempdir()) / f"cutaway-postgresql-{testrun_uid}"
    runtime = folder / "runtime"
    runtime.mkdir(exist_ok=True, parents=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(runtime))  # read where pgserver is imported
        pgserver = pytest.importorskip("pgserver", reason="pip install pgserver")
    psycopg = pytest.importorskip("psycopg", reason='pip install "cutaway[postgres]"')
    (folder / "data").mkdir(exist_ok=True)
    running = pgserver.get_server(folder / "data", cleanup_mode="delete")
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {worker_id}".encode())
    yield running.get_uri(database=worker_id)
    running.cleanup()
    if not (folder / "data").exists():  # we were the last
        shutil.rmtree(folder, ignore_errors=True)


DATABASES = ["DuckDB", "PostgreSQL"]


def in_database(name: str, model: Model, request) -> SqlRun:
    """A model in a fresh database of that name."""
    if name == "DuckDB":
        database = DuckDB(":memory:")
        load(model, database)
    else:
        database = open_postgresql(model, cast(str, request.getfixturevalue("server")))
    return SqlRun(model, database)


@pytest.fixture(params=DATABASES)
def calculated(request):
    """A function that puts a model into a database: calculated(model) is a SqlRun."""
    opened = []

    def put(model: Model) -> SqlRun:
        opened.append(in_database(request.param, model, request))
        return opened[-1]

    yield put
    for run in opened:
        run.database.close()


@pytest.fixture(scope="module", params=DATABASES)
def predicted(request):
    """The bundled model's prediction in a database, for all tests of a file to choose from."""
    run = in_database(request.param, open_model(), request)
    run.predict("Mike is quick. He moves")
    yield run
    run.database.close()
