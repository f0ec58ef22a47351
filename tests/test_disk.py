"""Files are written whole or not at all, and what was there before is unchanged."""

import errno
from pathlib import Path

import pytest

from cutaway.disk import whole_file, whole_files, whole_new_folder
from cutaway.errors import DiskError

FULL = OSError(errno.ENOSPC, "No space left on device")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path):
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("new")
        assert names_in(tmp_path) == [draft.name]
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
