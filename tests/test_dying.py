"""Every verb that writes, killed at each of its operations: what was before, or what comes after.

`tests/dying.py` does the killing; here is what must be there when somebody looks next.
"""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from cutaway import open_model
from cutaway.cli import main
from cutaway.disk import settle_leftovers
from cutaway.engines.sql import DuckDB, make_duckdb
from cutaway.engines.sql.model_tables import ABOUT
from cutaway.engines.xlsx import write_xlsx
from cutaway.errors import UnknownModel
from cutaway.studio.server.books import delete_book, name_book
from cutaway.studio.server.documents import last_document, new_document, save
from cutaway.studio.share.workbook import Workbook
from cutaway.studio.share.workbook_file import save_workbook
from cutaway.tokenizer import Tokenizer
from cutaway.weights import Store, fetch, read_model_files
from tests.cli.conftest import write_model
from tests.dying import Act, contents, deaths, killed_at
from tests.engines.xlsx.models import random_model
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
                           least: int, one_in: int = 1) -> None:
    """Whichever operation the process dies at, a look sees what was before, or what comes after.

    least   of how many operations there are that change something
    one_in  as `deaths` takes it
    """
    shutil.copytree(before, scratch / "before", symlinks=True)
    seen_before = look(scratch / "before")
    seen = [(operation, look(folder))
            for operation, folder in deaths(before, act, scratch, one_in)]
    seen_after = seen[-1][1]
    assert seen_before != seen_after and len(seen) >= least // one_in
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


def test_export_beside_other_files(models, tmp_path):
    """The first model of a folder in which something else is."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notes.txt").write_text("mine")

    def look(folder: Path) -> object:
        with suppress(UnknownModel):
            exported(folder)
        return contents(folder)

    expect_before_or_after(tmp_path / "work", lambda folder: verb(
        "export", folder, "--model", models / "new"), look, tmp_path, least=30)


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


@pytest.mark.long
def test_fetch(models, tmp_path, monkeypatch):
    """The second try goes on with what has come, and at last nothing of the download is left."""
    files = models / "new"
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: SimpleNamespace(
        sha="1" * 40, siblings=[
            SimpleNamespace(rfilename=file.name, size=file.stat().st_size, lfs=None)
            for file in files.iterdir()]))

    def http_get(url, opened, resume_size, **_):
        content = (files / url.rsplit("/", 1)[1]).read_bytes()[resume_size:]
        for half in content[:len(content) // 2], content[len(content) // 2:]:
            opened.write(half)
            opened.flush()
            sys.audit("os.utime", opened.name)  # where a process may die as well

    monkeypatch.setattr("huggingface_hub.file_download.http_get", http_get)
    fetched = list(deaths(models / "home", lambda home: at_home(home, "fetch", "some/theirs"),
                          tmp_path, one_in=many(3, 1)))
    after = store_at(fetched[-1][1])
    assert len(fetched) > 15 and after["models/.downloads"] is None
    for operation, home in fetched:
        store = Store(home / "models")
        if "theirs" not in store.names():
            fetch("some/theirs", store)
        assert store_at(home) == after, operation


def test_a_tokenizer_over_another(models, tmp_path):
    tokenizers = {name: Tokenizer.open(models / name) for name in ("old", "new")}
    tokenizers["old"].save(tmp_path / "tokens")

    def look(folder: Path) -> object:
        assert Tokenizer.open(folder).merges in [one.merges for one in tokenizers.values()]
        return contents(folder)

    expect_before_or_after(tmp_path / "tokens", tokenizers["new"].save, look, tmp_path, least=20)


def alone(folder: Path, name: str) -> bytes:
    """What a file holds, when nothing is beside it once somebody writes to its place again."""
    content = (folder / name).read_bytes()
    settle_leftovers(folder, name)
    assert os.listdir(folder) == [name]
    return content


@pytest.mark.long
def test_xlsx(tmp_path):
    model = random_model(2, 1, 1, tokenizer=Tokenizer.from_merges(MERGES))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "gpt.xlsx").write_bytes(b"old")
    expect_before_or_after(
        folder, lambda folder: write_xlsx(model, "the cat", folder / "gpt.xlsx", 3),
        lambda folder: alone(folder, "gpt.xlsx"), tmp_path, least=100, one_in=many(10, 1))


def test_sql_load(models, tmp_path, monkeypatch):
    """Before each table of the new database as well: DuckDB writes without Python."""
    store_table = DuckDB.store

    def store(self, table):
        sys.audit("os.utime", tmp_path / "live" / "model.duckdb")
        store_table(self, table)

    monkeypatch.setattr(DuckDB, "store", store)
    old, new = (open_model(models / name) for name in ("old", "new"))
    folder = tmp_path / "work"
    make_duckdb(old, folder / "model.duckdb")

    def look(folder: Path) -> object:
        with DuckDB(folder / "model.duckdb") as database:
            shape = database.rows("SELECT count(*) FROM wte")
            about = database.rows(f"SELECT fingerprint FROM {ABOUT}")
        alone(folder, "model.duckdb")
        return shape, about

    expect_before_or_after(
        folder, lambda folder: make_duckdb(new, folder / "model.duckdb"), look, tmp_path, least=6)


def test_a_workbook_file(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    save_workbook(Workbook("storybook", "Once", [], []), folder / "mine.py")
    expect_before_or_after(
        folder, lambda folder: save_workbook(Workbook("storybook", "Twice", [], []),
                                             folder / "mine.py", replace=True),
        lambda folder: alone(folder, "mine.py"), tmp_path, least=6)


def test_the_studios_document(tmp_path, monkeypatch):
    """The next start of the studio clears what the last one left beside its document."""
    before = new_document("storybook", "Once")

    def at(home: Path) -> None:
        monkeypatch.setenv("CUTAWAY_HOME", str(home))

    def look(home: Path) -> object:
        at(home)
        document = last_document()
        assert os.listdir(home / "books" / before.identity) == ["book.json"]
        return document

    at(tmp_path / "home")
    save(before)
    expect_before_or_after(
        tmp_path / "home", lambda home: (at(home), save(replace(before, prompt="Twice"))), look,
        tmp_path, least=6)


@pytest.mark.parametrize("act", [lambda identity: name_book(identity, "mine"), delete_book])
def test_a_workbook_of_the_list(tmp_path, monkeypatch, act):
    """It has one name or the other, or is gone; the next look clears what was left beside it."""
    before = new_document("storybook", "Once")

    def at(home: Path) -> None:
        monkeypatch.setenv("CUTAWAY_HOME", str(home))

    def look(home: Path) -> object:
        at(home)
        document = last_document()
        assert [*(home / "books").iterdir()] == (
            [home / "books" / before.identity] if document else [])
        return document

    at(tmp_path / "home")
    save(before)
    expect_before_or_after(tmp_path / "home", lambda home: (at(home), act(before.identity)), look,
                           tmp_path, least=6)


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

    before = contents(tmp_path / "folder")
    states = [contents(found) for _, found in deaths(tmp_path / "folder", act, tmp_path)]
    assert any(one not in (before, states[-1]) for one in states)


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
