"""A tiny model in the hands of its peers, as files to drop on a played book."""

import pytest

from tests.studio.dropping import PlayedBook, speaking, write_csvs, write_tokenizer
from tests.weights import peers


@pytest.fixture(scope="module")
def numbers():
    return peers.digits()


@pytest.fixture
def book(tmp_path):
    return PlayedBook(tmp_path / "models")


@pytest.fixture
def csvs(tmp_path, numbers):
    return write_csvs(tmp_path / "csvs", numbers)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    """A folder with the files of a tokenizer, and hparams.json for a model of as many tokens."""
    return write_tokenizer(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture
def speaking_csvs(tmp_path, numbers):
    """CSV files of a model of as many tokens as `tokenizer` has."""
    return write_csvs(tmp_path / "speaking", speaking(numbers))
