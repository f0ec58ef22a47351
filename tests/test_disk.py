"""Files are written whole or not at all, and what was there before is unchanged."""

import errno
import os
from pathlib import Path

import pytest
from safetensors import SafetensorError

from cutaway.disk import put_back, whole_file, whole_files, whole_new_folder
from cutaway.errors import DiskError
from cutaway.weights import Store
from tests.weights.peers import OPENAI

FULL = OSError(errno.ENOSPC, "No space left on device")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path):
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("new")
        assert names_in(tmp_path) == [draft.parents[1].name] and draft.parents[1].name[0] == "."
    assert (tmp_path / "a.txt").read_text() == "new"
    assert names_in(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("fault", [FULL, KeyboardInterrupt()])
def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path, fault):
    (tmp_path / "a.txt").write_text("old")
    with (pytest.raises(DiskError if fault is FULL else KeyboardInterrupt),
          whole_file(tmp_path / "a.txt") as draft):
        draft.write_text("half")
        raise fault
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names_in(tmp_path) == ["a.txt"]


def test_several_files_are_all_new_or_all_old(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text("old")
    replace = Path.replace

    def full_at_b(self, target):
        if Path(target) == tmp_path / "b" and self.parent.name == "new":
            raise FULL
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full_at_b)
    with (pytest.raises(DiskError, match="What was there before is unchanged"),
          whole_files(tmp_path) as drafts):
        for name in ("a", "b", "c", "d"):
            (drafts / name).write_text("new")
    assert [(tmp_path / name).read_text() for name in ("a", "b", "c")] == ["old"] * 3
    assert names_in(tmp_path) == ["a", "b", "c"]


def test_several_files_stand_beside_what_was_there(tmp_path):
    (tmp_path / "other").write_text("stays")
    (tmp_path / "a").write_text("old")
    with whole_files(tmp_path) as drafts:
        (drafts / "a").write_text("new")
        (drafts / "b").write_text("new")
    assert names_in(tmp_path) == ["a", "b", "other"]
    assert (tmp_path / "a").read_text() == "new"


def test_a_folder_that_is_not_finished_is_never_there(tmp_path):
    with (pytest.raises(DiskError, match="No space left on device"),
          whole_new_folder(tmp_path / "model") as draft):
        (draft / "half").write_text("half")
        assert not (tmp_path / "model").exists()
        raise FULL
    assert names_in(tmp_path) == []


def test_a_mistake_that_is_not_the_disks_stays_what_it_is(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "a.txt"):
        _ = 1 / 0
    assert names_in(tmp_path) == []


UNCHANGED = "What was there before is unchanged. Make room, or choose another folder."
NEW = ("config.json", "merges.txt", "vocab.json")


def contents(folder: Path) -> dict[str, str]:
    """All that lies in a folder, at any depth, with what it holds; a folder holds ""."""
    return {str(path.relative_to(folder)): path.read_text() if path.is_file() else ""
            for path in folder.rglob("*")}


@pytest.fixture
def folder(tmp_path):
    """A folder of two files that are about to be replaced, and one that is not."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "vocab.json", "notes.txt"):
        (folder / name).write_text(f"old {name}")
    return folder


def write_new(folder: Path) -> None:
    with whole_files(folder) as drafts:
        for name in NEW:
            (drafts / name).write_text("new")


def break_where(monkeypatch, function: str, fails, error: BaseException | None = None) -> None:
    """The system's own `os.replace` or `os.rename` fails where `fails(source, target)`."""
    works = getattr(os, function)

    def sometimes(source, target):
        if fails(Path(source), Path(target)):
            raise error or OSError(errno.EIO, "Input/output error")
        return works(source, target)

    monkeypatch.setattr(os, function, sometimes)


@pytest.mark.parametrize("fault", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
@pytest.mark.parametrize("move", range(5))
def test_whichever_move_fails_the_files_moved_before_it_are_put_back(
        folder, monkeypatch, move, fault):
    """Five moves: two old files aside, three new ones into their places."""
    before, moves = contents(folder), iter(range(100))
    break_where(monkeypatch, "replace", lambda *_: next(moves) == move, fault)
    with pytest.raises((DiskError, KeyboardInterrupt)) as caught:
        write_new(folder)
    assert contents(folder) == before
    if isinstance(caught.value, DiskError):
        assert str(caught.value) == (
            f"{folder} could not be written: Input/output error. {UNCHANGED}")


def test_a_folder_in_a_files_place_is_never_replaced(folder):
    (folder / "merges.txt").mkdir()
    (folder / "merges.txt" / "mine").write_text("precious")
    before = contents(folder)
    with pytest.raises(DiskError, match="is unchanged"):
        write_new(folder)
    assert contents(folder) == before


def test_a_link_is_put_back_as_a_link(folder, monkeypatch):
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("nowhere")
    break_where(monkeypatch, "replace", lambda source, _: source.name == "merges.txt")
    with pytest.raises(DiskError):
        write_new(folder)
    assert os.readlink(folder / "config.json") == "nowhere"
    assert sorted(os.listdir(folder)) == ["config.json", "notes.txt", "vocab.json"]


def test_what_cannot_be_put_back_is_kept_and_the_message_says_where(folder, monkeypatch):
    break_where(monkeypatch, "replace", lambda source, _: (
        source.name == "merges.txt" or source.parent.name == "old"))
    with pytest.raises(DiskError) as caught:
        write_new(folder)
    aside, = folder.glob(".*/old")
    assert str(caught.value) == (
        f"{folder / 'config.json'} could not be written, and what was there before could not be "
        f"put back: Input/output error. It lies in {aside}: move it to {folder} by hand.")
    assert (aside / "config.json").read_text() == "old config.json"


def test_putting_back_what_is_not_there_says_so(tmp_path):
    with pytest.raises(DiskError, match=r"put back: No such file or directory\. It lies in"):
        put_back(tmp_path / "aside" / "file", tmp_path / "file")


@pytest.mark.parametrize("write", [whole_file, whole_files, whole_new_folder])
def test_a_full_disk_as_the_library_of_the_weights_tells_it_is_a_disk_error(tmp_path, write):
    with pytest.raises(DiskError) as caught, write(tmp_path / "model"):
        raise SafetensorError("I/O error: disk full")
    assert str(caught.value) == (
        f"{tmp_path / 'model'} could not be written: I/O error: disk full. {UNCHANGED}")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("write", [whole_file, whole_files])
def test_who_writes_can_say_in_other_words_what_failed(tmp_path, write):
    with (pytest.raises(DiskError) as caught,
          write(tmp_path / "a", "No tokenizer in {place!r} ({reason}).")):
        raise OSError(errno.ENOSPC, "no {room}")
    assert str(caught.value) == f"No tokenizer in {str(tmp_path / 'a')!r} (no {{room}})."


def test_everything_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    named = []
    monkeypatch.setattr(os, "fsync", lambda _: named.append(
        [(tmp_path / name).exists() for name in ("a", "b/c", "d")]))
    with whole_file(tmp_path / "a") as draft:
        draft.write_text("new")
    with whole_files(tmp_path / "b") as drafts:
        (drafts / "c").write_text("new")
    with whole_new_folder(tmp_path / "d") as draft:
        (draft / "e").write_text("new")
    assert named == [[False, False, False], [True, False, False], [True, True, False]]


@pytest.mark.parametrize("fault", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
def test_a_replacement_that_cannot_be_moved_puts_the_old_model_back(tmp_path, monkeypatch, fault):
    store = Store(tmp_path / "kept")
    old, place = store.add(OPENAI, "tiny"), store.folder / "tiny"
    break_where(monkeypatch, "replace",
                lambda source, target: target == place and source.parent.name == "new", fault)
    with pytest.raises((DiskError, KeyboardInterrupt)) as caught:
        store.replace(OPENAI, "tiny")
    assert store.models() == [old] and names_in(store.folder) == ["tiny"]
    if isinstance(caught.value, DiskError):
        assert str(caught.value) == (
            f"{place} could not be written: Input/output error. {UNCHANGED}")
