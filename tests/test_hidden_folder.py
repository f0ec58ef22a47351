"""What becomes of a hidden folder that a process left behind, and of one that is in use."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import filelock
import pytest
from filelock import FileLock, Timeout

from cutaway.disk import remove_whole, settle_files, settle_leftovers, whole_file, whole_files
from cutaway.errors import DiskError
from cutaway.hidden_folder import hidden_beside, signed_name

NONCE = "0123456789abcdef"


def left_behind(folder: Path, *parts: str, name: str = "files") -> Path:
    """A hidden folder as a process leaves it.  parts: its files, such as "new/a" """
    hidden = folder / signed_name(name, NONCE)
    hidden.mkdir()
    for part in parts:
        (hidden / part).parent.mkdir(exist_ok=True)
        (hidden / part).write_text(part)
    return hidden


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_what_was_only_written_is_deleted(tmp_path):
    left_behind(tmp_path, "lock", "new/a")
    (tmp_path / "a").write_text("old")
    settle_files(tmp_path)
    assert files(tmp_path) == {"a": "old"}


def test_what_was_being_moved_is_moved_to_the_end(tmp_path):
    left_behind(tmp_path, "new/a", "new/b", "old/c", "gone/d")
    for name in ("a", "c", "d", "e"):
        (tmp_path / name).write_text("before")
    settle_files(tmp_path)
    assert files(tmp_path) == {"a": "new/a", "b": "new/b", "c": "before", "e": "before"}


def test_what_was_being_undone_is_put_back(tmp_path):
    left_behind(tmp_path, "undone/a", "undone/b", "old/a")
    settle_files(tmp_path)
    assert files(tmp_path) == {"a": "old/a"}


def test_what_cannot_be_moved_to_the_end_is_put_back(tmp_path):
    left_behind(tmp_path, "new/a", "new/b", "old/b")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").write_text("precious")
    settle_files(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]
    assert (tmp_path / "a" / "mine").exists() and (tmp_path / "b").read_text() == "old/b"


def test_what_cannot_be_put_back_is_kept_until_it_can(tmp_path):
    left_behind(tmp_path, "undone/a", "old/a")
    (tmp_path / "a").mkdir()
    settle_files(tmp_path)
    (tmp_path / "a").rmdir()
    settle_files(tmp_path)
    assert files(tmp_path) == {"a": "old/a"}


def test_the_folder_of_a_living_process_is_left_alone(tmp_path):
    hidden = left_behind(tmp_path, "new/a", "old/b")
    held = subprocess.Popen(
        [sys.executable, "-c", "import sys, filelock; lock = filelock.FileLock(sys.argv[1]);"
         "lock.acquire(); print(flush=True); input()", str(hidden / "lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert held.stdout and held.stdin
    held.stdout.readline()
    settle_leftovers(tmp_path)
    assert os.listdir(tmp_path) == [hidden.name]
    held.kill()  # the system takes its lock away
    held.communicate()
    settle_leftovers(tmp_path)
    assert files(tmp_path) == {"a": "new/a"}


@pytest.mark.parametrize("lead", ["new", "old", "."])
def test_a_folder_with_links_or_of_somebody_elses_is_left_alone(tmp_path, lead):
    """A stranger's folder could otherwise lead to files of one's own."""
    mine, folder = tmp_path / "mine", tmp_path / "folder"
    mine.mkdir()
    folder.mkdir()
    (mine / "a").write_text("precious")
    hidden = left_behind(folder)
    if lead == ".":
        hidden.rmdir()
        hidden.symlink_to(mine)
    else:
        (hidden / lead).symlink_to(mine)
        (hidden / ({"new", "old"} - {lead}).pop()).mkdir()
    other = left_behind(folder, "new/a", "letter.txt", name="other")
    settle_leftovers(folder)
    assert files(mine) == {"a": "precious"}
    assert sorted(os.listdir(folder)) == sorted([hidden.name, other.name])


def test_only_leftovers_of_the_same_place_are_settled_when_it_is_written(tmp_path):
    left_behind(tmp_path, "new/a.txt", name="a.txt")
    other = left_behind(tmp_path, "new/b.txt", name="b.txt")
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("a")
    assert sorted(os.listdir(tmp_path)) == [other.name, "a.txt"]


def test_a_folder_that_was_taken_for_a_leftover_is_made_again(tmp_path, monkeypatch):
    """Between being made and being locked, another process may take it for one."""
    acquire, taken = FileLock.acquire, []

    def taken_at_first(self, *given, **named):
        if len(taken) < 2:
            taken.append(Path(self.lock_file).parent)
            if len(taken) == 1:
                raise Timeout(self.lock_file)
            taken[-1].rmdir()
            return None
        return acquire(self, *given, **named)

    monkeypatch.setattr(filelock.FileLock, "acquire", taken_at_first)
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("a")
    assert len(taken) == 2 and (tmp_path / "a.txt").read_text() == "a"


def test_a_disk_without_locks_is_written_to_and_never_cleared(tmp_path, monkeypatch):
    def no_locks(*_, **__):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", no_locks)
    hidden = left_behind(tmp_path, "new/a", name="a")
    with whole_file(tmp_path / "a") as draft:
        draft.write_text("new")
    assert sorted(os.listdir(tmp_path)) == [hidden.name, "a"]


def test_a_full_disk_leaves_no_hidden_folder(tmp_path, monkeypatch):
    mkdir = os.mkdir

    def full(path, *given, **named):
        if Path(path).name == "new":
            raise OSError(errno.ENOSPC, "No space left on device")
        return mkdir(path, *given, **named)

    monkeypatch.setattr(os, "mkdir", full)
    with pytest.raises(DiskError, match="No space left"), whole_file(tmp_path / "a"):
        pass
    assert os.listdir(tmp_path) == []


def test_what_goes_with_the_old_files_is_put_back_with_them(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("old")
    (tmp_path / "folder").mkdir()
    with whole_files(tmp_path, instead_of=["b", "folder", "absent"]) as drafts:
        (drafts / "a").write_text("new")
    assert files(tmp_path) == {"a": "new"}
    (tmp_path / "b").write_text("old")
    (tmp_path / "c").mkdir()
    with (pytest.raises(DiskError),
          whole_files(tmp_path, instead_of=["b"]) as drafts):
        for name in ("a", "c"):
            (drafts / name).write_text("newer")
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]
    assert (tmp_path / "a").read_text() == "new"


def test_a_folder_that_cannot_be_removed_is_still_there(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    replace = os.replace

    def in_use(source, target):
        if Path(source) == folder:
            raise OSError(errno.EBUSY, "Device or resource busy")
        replace(source, target)

    monkeypatch.setattr(os, "replace", in_use)
    with pytest.raises(DiskError) as caught:
        remove_whole(folder)
    assert str(caught.value) == (
        f"{folder} could not be removed: Device or resource busy. It is still there. Close what "
        "has it open, and check that its folder is yours.")
    assert os.listdir(tmp_path) == ["folder"]


def test_a_folder_of_a_strangers_archive_that_looks_like_ours_is_left_alone(tmp_path):
    """It could name any file beside it: here the thesis would go, and the planted file come."""
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "page 1").write_text("years of work")
    for name in (f".x.{'0' * 32}", f".files.{'a1' * 16}", f".thesis.{'f' * 32}"):
        forged = tmp_path / name
        for part in ("new", "old", "gone"):
            (forged / part).mkdir(parents=True)
        (forged / "new" / "planted").touch()
        (forged / "gone" / "thesis").touch()
    before = sorted(tmp_path.rglob("*"))
    settle_leftovers(tmp_path)
    settle_leftovers(tmp_path, "thesis")
    assert sorted(tmp_path.rglob("*")) == before


def test_the_key_is_made_once_and_is_the_users_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with hidden_beside(tmp_path / "one") as first:
        name = first.folder.name
    key = tmp_path / "state" / "cutaway" / "leftovers.key"
    content = key.read_bytes()
    assert len(content) == 32 and key.stat().st_mode & 0o777 == 0o600
    (tmp_path / name / "new").mkdir(parents=True)
    settle_leftovers(tmp_path)
    assert not (tmp_path / name).exists() and key.read_bytes() == content
