"""Every verb that writes, killed at each of its operations: what was before, or what comes after.

`tests/dying.py` does the killing; here is what must be there when somebody looks next.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cutaway.cli import main
from cutaway.errors import UnknownModel
from cutaway.tokenizer import Tokenizer
from cutaway.weights import Store, read_model_files
from tests.cli.conftest import write_model
from tests.dying import Act, contents, deaths, killed_at
from tests.profiles import many

MERGES = [(b"t", b"h"), (b"th", b"e"), (b"c", b"a"), (b"ca", b"t")]
Look = Callable[[Path], object]


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    """Two models of different shape and vocabulary, and a home in which the first one is stored."""
    folder = tmp_path_factory.mktemp("dying")
    for name, count in ("old", 2), ("new", 4):
        tokenizer = Tokenizer.from_merges(MERGES[:count])
        tokenizer.save(folder / name)
        write_model(folder / name, len(tokenizer), seed=count)
    (folder / "old" / "README.md").write_text("# The old one")
    (folder / "old" / "added_tokens.json").write_text("{}")
    Store(folder / "home" / "models").add(folder / "old")
    return folder


def verb(*words: object) -> None:
    """What the command line does."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words], prog_name="cutaway")
    assert ended.value.code == 0


def at_home(home: Path, *words: object) -> None:
    """The same, with the store of that home."""
    os.environ["CUTAWAY_HOME"] = str(home)
    verb(*words)


def expect_before_or_after(before: Path, act: Act, look: Look, scratch: Path, *,
                           least: int) -> None:
    """Whichever operation the process dies at, a look sees what was before, or what comes after.

    least  of how many operations there are that change something
    """
    shutil.copytree(before, scratch / "before", symlinks=True)
    seen_before = look(scratch / "before")
    seen = [(operation, look(folder)) for operation, folder in deaths(before, act, scratch)]
    seen_after = seen[-1][1]
    assert seen_before != seen_after and len(seen) >= least
    wrong = [operation for operation, found in seen if found not in (seen_before, seen_after)]
    assert not wrong
    assert seen_before in [found for _, found in seen]


def store_at(home: Path) -> dict[str, bytes | None]:
    """All that is in the home once the store was opened: no leftovers, and every model opens."""
    store = Store(home / "models")
    assert [model.name for model in store.models()] == store.names()
    for name in store.names():
        store.check(name)
        Tokenizer.open(store.open(name).folder)
    return contents(home)


def test_add(models, tmp_path):
    expect_before_or_after(models / "home", lambda home: at_home(home, "add", models / "new"),
                           store_at, tmp_path, least=20)


def test_add_replace(models, tmp_path):
    expect_before_or_after(
        models / "home",
        lambda home: at_home(home, "add", models / "new", "--name", "old", "--replace"),
        store_at, tmp_path, least=30)


def test_remove(models, tmp_path):
    expect_before_or_after(models / "home", lambda home: Store(home / "models").remove("old"),
                           store_at, tmp_path, least=8)


def exported(folder: Path) -> dict[str, bytes | None]:
    """All that is in a folder once a model was opened in it."""
    read_model_files(folder)
    Tokenizer.open(folder)
    return contents(folder)


def test_export_over_another_model(models, tmp_path):
    """Not even who opens the folder with another program sees some files of each model."""
    old, new = contents(models / "old"), contents(models / "new")
    after = {name: content for name, content in (old | new).items() if name != "added_tokens.json"}

    def look(folder: Path) -> object:
        there = {name: content for name, content in contents(folder).items()
                 if not name.startswith(".") and name != "README.md"}
        assert there.items() <= old.items() or there.items() <= new.items()
        return exported(folder)

    expect_before_or_after(models / "old", lambda folder: verb(
        "export", folder, "--model", models / "new"), look, tmp_path, least=35)
    assert contents(tmp_path / "live") == after


def test_export_into_a_new_folder_again(models, tmp_path):
    """The second try ends as the first one would have, and clears what that one left."""
    (tmp_path / "empty").mkdir()

    def act(folder: Path) -> None:
        verb("export", folder / "out", "--model", models / "new")

    for operation, folder in deaths(tmp_path / "empty", act, tmp_path):
        if (folder / "out").exists():
            exported(folder / "out")
        else:
            with pytest.raises(UnknownModel):
                read_model_files(folder / "out")
        act(folder)
        assert os.listdir(folder) == ["out"], operation
        assert contents(folder / "out") == contents(models / "new"), operation


@pytest.mark.parametrize("write", [
    lambda folder: (folder / "config.json").write_text("{}"),
    lambda folder: (folder / "config.json").replace(folder / "settings.json"),
    lambda folder: shutil.rmtree(folder / "models")])
def test_a_writer_that_is_not_careful_is_found_out(tmp_path, write):
    """Without this, what is counted might be nothing."""
    (tmp_path / "folder" / "models" / "a").mkdir(parents=True)
    (tmp_path / "folder" / "models" / "b").mkdir()
    (tmp_path / "folder" / "config.json").write_text("old")

    def act(folder: Path) -> None:
        write(folder)
        (folder / "end").touch()

    with pytest.raises(AssertionError):
        expect_before_or_after(tmp_path / "folder", act, contents, tmp_path, least=2)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked; run it on Linux or macOS")
@pytest.mark.parametrize("place", ["home", "old"])
def test_a_process_that_is_really_killed_leaves_the_same(models, tmp_path, place):
    """SIGKILL at each operation; at every tenth in the short profile."""
    act, look = {
        "home": (lambda home: at_home(home, "add", models / "new", "--name", "old", "--replace"),
                 store_at),
        "old": (lambda folder: verb("export", folder, "--model", models / "new"), exported)}[place]
    for name in ("before", "after"):
        shutil.copytree(models / place, tmp_path / name)
    act(tmp_path / "after")
    right = look(tmp_path / "before"), look(tmp_path / "after")
    for number in range(0, 1000, many(10, 1)):
        shutil.copytree(models / place, tmp_path / f"{number}")
        came_so_far = killed_at(number, act, tmp_path / f"{number}")
        assert look(tmp_path / f"{number}") in right, number
        if not came_so_far:
            return
    raise AssertionError("it comes to no end")
