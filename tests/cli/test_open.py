"""`cutaway open`: what it opens, what it prints, how it ends, and what it says to mistakes."""

import os
import socket
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from cutaway import open_model
from cutaway.cli import main
from cutaway.cli.open import _compile_for, _of_file
from cutaway.errors import CutawayError
from cutaway.studio.server.documents import last_document, new_document, save
from cutaway.studio.share.workbook import Workbook
from cutaway.studio.share.workbook_file import save_workbook
from tests.studio.running import RunningStudio

HEAD_OFF = {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}


def refused(*arguments):
    """What the verb says instead of serving."""
    result = CliRunner().invoke(main, ["open", *arguments], prog_name="cutaway")
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    return result.output


def test_it_prints_its_address_serves_the_page_and_ends_with_ctrl_c(tmp_path):
    with RunningStudio(tmp_path / "home") as studio:
        opened = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        page = opened.open(studio.address, timeout=20).read().decode()
        assert "<title>Cutaway</title>" in page
        assert studio.stop() == 0
    printed = "".join(studio.printed)
    assert "Ctrl-C ends it; your changes are kept." in printed
    assert "Traceback" not in printed and "Interrupt" not in printed


def test_the_address_with_its_key_is_in_no_process_argument(tmp_path):
    with RunningStudio(tmp_path / "home") as studio:
        token = studio.address.split("=")[1]
        commands = [path.read_bytes() for path in _command_lines()]
        assert commands and not any(token.encode() in command for command in commands)


def _command_lines():
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]


def test_without_a_prompt_the_workbook_of_last_time_is_opened_again(tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    book = new_document("storybook", "Once upon a time")
    book.changes, book.cursor = [HEAD_OFF], 1
    save(book)
    with RunningStudio(tmp_path / "home") as studio:
        assert "Your workbook of last time, with 1 change" in "".join(studio.printed)
    assert last_document() == book
    with RunningStudio(tmp_path / "home", "--new") as studio:
        assert "last time" not in "".join(studio.printed)
    newest = last_document()
    assert newest is not None and newest.identity != book.identity and newest.changes == []


def test_a_prompt_begins_a_new_workbook(tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    with RunningStudio(tmp_path / "home", "Sally is slow."):
        pass
    book = last_document()
    assert book is not None and book.prompt == "Sally is slow."


def test_a_port_that_is_taken_is_told_and_without_one_the_next_is_used(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused("--port", str(port), "--no-browser")
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use" in told
    assert "--port" in told


@pytest.mark.parametrize(("arguments", "message"), [
    (["--port", "70000"], "70000 is not in the range"),
    (["--host", "192.0.2.1", "--to-others", "--no-browser"], "cannot listen at 192.0.2.1"),
    (["--host", ""], "is no address"),
    (["--host", "  "], "is no address"),
    (["--host", "127.0.0.1\x1b]0;title\x07"], "is no address"),
    (["--host", "\n"], "is no address"),
    (["--host", "0.0.0.0"], "--to-others"),
    (["--host", "::"], "--to-others"),
    (["--host", "example.com"], "--to-others"),
    (["--model", "nowhere"], "nowhere"),
    (["", "--no-browser"], "no token"),
    (["word " * 400, "--no-browser"], "256 positions"),
    (["nothing.py"], "nothing.py"),
])
def test_a_mistake_is_told_before_anything_is_served(arguments, message):
    assert message in refused(*arguments)


def test_a_file_that_is_no_workbook_is_refused_and_nothing_of_it_runs(tmp_path):
    mark = tmp_path / "ran"
    file = tmp_path / "evil.py"
    file.write_text(f"open({str(mark)!r}, 'w').close()\n")
    assert "evil.py" in refused(str(file))
    assert not mark.exists()


def test_listening_for_other_machines_says_what_that_means(tmp_path):
    with RunningStudio(tmp_path / "home", "--host", "0.0.0.0", "--to-others") as studio:
        assert "can run code on it as you" in "".join(studio.printed)


@pytest.mark.parametrize("home", ["/dev/null", "/dev/null/deeper", "/proc/nothing"])
def test_where_nothing_can_be_kept_nobody_says_that_it_is(home):
    with RunningStudio(Path(home)) as studio:
        assert studio.stop() == 1
    printed = "".join(studio.printed)
    assert "your changes will NOT be kept" in printed and "CUTAWAY_HOME" in printed
    assert "your last changes are not kept" in printed and "Your changes are kept" not in printed


def test_the_server_ends_its_worker_when_it_is_killed(tmp_path):
    with RunningStudio(tmp_path / "home") as studio:
        workers = _wait_for_workers(studio.process.pid)
        studio.kill()
        end = time.monotonic() + 20
        while any(_alive(worker) for worker in workers) and time.monotonic() < end:
            time.sleep(0.1)
        assert not any(_alive(worker) for worker in workers)


def _wait_for_workers(parent: int) -> list[int]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := _children(parent):
            return found
        time.sleep(0.1)
    raise AssertionError("no worker was started")


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(word) for word in listed.read_text().split()]


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_large_models_engine_is_compiled_before_the_page_needs_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path))
    asked = []
    monkeypatch.setattr("cutaway.engines.choice.compile_for",
                        lambda name, book, tell: asked.append((name, len(book.nodes))))
    monkeypatch.setattr("cutaway.studio.server.serve.serve", lambda book, **options: "")
    assert CliRunner().invoke(main, ["open", "--new", "--no-browser"]).exit_code == 0
    assert [number for _, number in asked] == [len(open_model().book.nodes)]


@pytest.mark.parametrize("make", [
    os.mkfifo, lambda place: place.symlink_to("/dev/zero"),
    lambda place: (place.mkdir(), os.mkfifo(place / "model.safetensors")),
    lambda place: (place.mkdir(), os.mkfifo(place / "config.json")),
    lambda place: (place.mkdir(), (place / "vocab.json").symlink_to("/dev/zero"),
                   (place / "model.safetensors").symlink_to("/dev/zero"))])
def test_a_workbook_file_with_an_endless_model_starts_the_studio_at_once(tmp_path, make):
    """The page then says what is wrong with the model."""
    make(tmp_path / "model")
    save_workbook(Workbook(str(tmp_path / "model"), "Once", [], []), tmp_path / "theirs.py")
    book = _of_file(tmp_path / "theirs.py")
    assert book.model == str(tmp_path / "model")
    _compile_for(book.model)
    with pytest.raises(CutawayError):
        open_model(book.model)


def test_a_workbook_file_that_is_a_pipe_is_told(tmp_path):
    os.mkfifo(tmp_path / "theirs.py")
    assert "theirs.py is no file but a folder, a pipe" in refused(str(tmp_path / "theirs.py"))
