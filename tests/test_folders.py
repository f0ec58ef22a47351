"""The folders that earlier versions used are the ones that are used."""

from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from cutaway import folders
from cutaway.engines.compiled import native
from cutaway.errors import DiskError


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of nobody's, without settings."""
    for name in ("CUTAWAY_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    on_system(monkeypatch, "linux", Unix)
    return tmp_path


def on_system(monkeypatch, platform, dirs):
    monkeypatch.setattr(folders.sys, "platform", platform)
    monkeypatch.setattr("platformdirs.PlatformDirs", dirs)


def test_a_home_that_was_named_is_taken(home, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", "~/here")
    assert folders.data_folder() == home / "here"


@pytest.mark.parametrize("name", ["~nobody-of-this-name", "~\x1b[31m/models", "~ "])
def test_a_home_of_nobody_is_told(home, monkeypatch, name):
    monkeypatch.setenv("CUTAWAY_HOME", name)
    with pytest.raises(DiskError, match="no such user") as told:
        folders.data_folder()
    assert str(told.value).isprintable()


def test_linux_has_data_where_the_xdg_says(home, monkeypatch):
    """Source: the XDG base directory specification, 0.8."""
    assert folders.data_folder() == home / ".local/share/cutaway"
    assert folders.cache_folder() == home / ".cache/cutaway"
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert folders.data_folder() == Path("/xdg/cutaway")
    assert folders.cache_folder() == Path("/cache/cutaway")


def test_a_mac_keeps_its_models_where_they_are(home, monkeypatch):
    on_system(monkeypatch, "darwin", MacOS)
    usual = home / "Library/Application Support/cutaway"
    assert folders.data_folder() == usual
    usual.mkdir(parents=True)
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg")
    assert folders.data_folder() == usual


def test_native_code_is_kept_in_the_cache_unless_numba_has_a_folder(home, monkeypatch):
    native.code_folder.cache_clear()
    assert native.code_folder().parent == home / ".cache/cutaway/native"
    native.code_folder.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/numba")
    assert native.code_folder().parent == Path("/numba/cutaway/native")
    native.code_folder.cache_clear()
