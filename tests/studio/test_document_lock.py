"""Two servers never have one document: the second finds the first."""

import stat

import pytest
from click.testing import CliRunner

from cutaway.cli import main
from cutaway.errors import DiskError, DocumentInUse
from cutaway.studio.server.document_lock import DocumentLock, address_of
from cutaway.studio.server.documents import documents_folder, new_document, save
from tests.studio.running import RunningStudio


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path))
    return tmp_path


def test_a_document_is_locked_by_one_and_free_when_let_go():
    book = new_document("storybook")
    first, second = DocumentLock("http://first/"), DocumentLock("http://second/")
    first.take(book.identity)
    first.take(book.identity)
    assert address_of(book.identity) == "http://first/"
    with pytest.raises(DocumentInUse) as caught:
        second.take(book.identity)
    assert str(caught.value) == (
        "This workbook is open in another cutaway. Go on in its browser window, or begin a new "
        "workbook: cutaway open --new")
    first.release()
    assert address_of(book.identity) is None
    second.take(book.identity)
    assert address_of(book.identity) == "http://second/"
    second.release()


def test_another_document_lets_go_of_the_one_before_unless_it_is_taken():
    one, other, third = (new_document("storybook").identity for _ in range(3))
    lock, stranger = DocumentLock("http://first/"), DocumentLock("http://stranger/")
    lock.take(one)
    lock.take(other)
    assert address_of(one) is None and address_of(other) == "http://first/"
    stranger.take(third)
    with pytest.raises(DocumentInUse):
        lock.take(third)
    assert address_of(other) == "http://first/"
    lock.release()
    stranger.release()


def test_the_address_can_be_read_by_its_owner_only():
    book, lock = new_document("storybook"), DocumentLock("http://first/?token=secret")
    lock.take(book.identity)
    file = documents_folder() / book.identity / "address"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lock.release()
    assert not file.exists()


def test_a_folder_that_cannot_be_written_is_told(home):
    (home / "books").write_text("in the way")
    with pytest.raises(DiskError, match=r"could not be written: Not a directory\. Make room"):
        DocumentLock("").take(new_document("storybook").identity)


def test_where_nothing_can_be_written_a_document_opens_unlocked(home):
    one, other = new_document("storybook").identity, new_document("storybook").identity
    lock = DocumentLock("http://first/")
    lock.take_where_writable(one)
    assert lock.is_held
    lock.release()
    (home / "books").rename(home / "elsewhere")
    (home / "books").write_text("in the way")
    lock.take_where_writable(other)
    assert not lock.is_held
    (home / "books").unlink()
    lock.take(other)
    assert address_of(other) == "http://first/"
    lock.release()


def test_a_second_cutaway_open_leads_to_the_first_and_a_killed_one_is_in_nobodys_way(home):
    book = new_document("storybook")
    save(book)
    with RunningStudio(home) as studio:
        assert address_of(book.identity) == studio.address
        second = CliRunner().invoke(main, ["open", "--no-browser"], prog_name="cutaway")
        assert second.exit_code == 0
        assert f"open already, in another cutaway, at\n\n  {studio.address}" in second.output
        studio.kill()
    assert address_of(book.identity) is None
