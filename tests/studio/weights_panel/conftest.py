"""The weights' place in a browser, and the files of a tiny model to drop on it."""

import pytest

from tests.studio.dropping import served, speaking, write_csvs, write_tokenizer
from tests.studio.weights_app import weights_app
from tests.weights import peers


@pytest.fixture(scope="module")
def numbers():
    return speaking(peers.digits())


@pytest.fixture
def csvs(tmp_path, numbers):
    return write_csvs(tmp_path / "my csvs", numbers)


@pytest.fixture
def tokenizer(tmp_path):
    """A folder with a tokenizer's files, and hparams.json for a model of as many tokens."""
    return write_tokenizer(tmp_path / "tokenizer")


@pytest.fixture
def app(tmp_path):
    return weights_app(tmp_path / "store" / "models")


@pytest.fixture
def weights(app, page):
    """The weights' place, drawn."""
    with served(app) as address:
        page.goto(f"http://{address}/#page=secret")
        page.get_by_role("table").wait_for()
        yield page
