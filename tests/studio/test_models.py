"""What the page can ask of the models, and what is refused by name."""

import pytest

from cutaway.errors import MessageError
from tests.studio.dropping import PlayedBook, local_hub, run


@pytest.fixture
def book(tmp_path):
    return PlayedBook(tmp_path / "models")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with local_hub(tmp_path / "hub", monkeypatch) as hub:
        yield hub


def test_the_stores_folder_is_shown_as_people_write_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    book = PlayedBook(tmp_path / "data" / "models")
    assert run(book.ask("models"))["store"] == "~/data/models"


@pytest.mark.parametrize("fields", [
    {"files": "x"}, {"files": [3]}, {"files": [{"name": 3, "bytes": 3}]},
    {"files": [{"name": "a.csv", "bytes": -1}]}, {"files": [{"name": "a.csv", "bytes": 1.5}]},
    {"files": [{"name": "a.csv", "bytes": 10**15}]}, {"files": [], "upload": "nothing"},
    {"files": [{"name": "x.csv", "bytes": 1}] * 5_001}])
def test_an_announcement_that_is_none_is_refused_by_name(book, fields):
    with pytest.raises(MessageError):
        run(book.ask("upload_begin", **fields))
    assert not book.models.store_folder.exists()


@pytest.mark.parametrize("name", ["http://127.0.0.1/x", "../x", "a/b/c", "a b", "", "/etc",
                                  "a/../b", "-x", "a?b/c"])
def test_what_is_no_name_of_the_hub_is_never_asked_for(book, hub, name):
    with pytest.raises(MessageError, match="is no model of the hub"):
        run(book.ask("model_fetch", name=name))
    assert hub.requests == [] and book.models.fetching is None
