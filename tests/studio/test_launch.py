"""The browser is opened on a private file, so that no other user of the machine sees the token."""

import os
import subprocess
import sys
import tempfile
import time
import webbrowser

import pytest

from cutaway.studio.server import serve
from cutaway.studio.server.serve import has_display, launch_file, open_browser

URL = "http://127.0.0.1:8765/?token=SECRET"
# Stands for a browser: notes the arguments that every user can see, and reads what it was given.
BROWSER = """#!{python}
import pathlib, sys, urllib.parse, urllib.request
note = pathlib.Path({note!r})
page = pathlib.Path(urllib.request.url2pathname(urllib.parse.urlsplit(sys.argv[-1]).path))
note.with_suffix(".part").write_text("\\n".join([pathlib.Path("/proc/self/cmdline").read_text(),
                                                 page.read_text()]))
note.with_suffix(".part").rename(note)
"""


class Recorder:
    """A browser that remembers what it was given, and may fail."""

    def __init__(self, answer=True):
        self.answer, self.opened = answer, []

    def open(self, url):
        self.opened.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def wait_for(condition):
    """Return once it holds; a minute in vain is a failure."""
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends, "waited for a minute in vain"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """The private folders lie in the test's own one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    return tmp_path


@pytest.fixture
def browser(monkeypatch):
    """Recorders, instead of the browser that this machine has."""
    def use(answer=True):
        recorder = Recorder(answer)
        monkeypatch.setattr(webbrowser, "get", lambda: recorder)
        return recorder
    return use


def test_the_file_is_its_owners_alone_and_leads_to_the_address():
    file = launch_file(URL)
    assert f'content="0; url={URL}"' in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_the_file_is_private_whatever_the_users_mask():
    before = os.umask(0)
    try:
        file = launch_file(URL)
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_an_address_stays_text_in_the_file():
    text = launch_file('http://x/?a="><script>&b').read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&quot;&gt;&lt;script&gt;&amp;b" in text


def test_the_browser_is_given_the_file_and_not_the_address(browser, own_folder):
    started = browser()
    assert open_browser(URL)
    wait_for(lambda: started.opened)
    [opened] = started.opened
    assert opened.startswith("file://")
    assert "SECRET" not in opened
    assert [file.as_uri() for file in own_folder.rglob("open.html")] == [opened]


def test_the_file_is_removed_after_a_while(browser, own_folder):
    browser()
    assert open_browser(URL, seconds=0)
    wait_for(lambda: not list(own_folder.iterdir()))


@pytest.mark.parametrize("answer", [False, webbrowser.Error("none"), OSError("none")])
def test_the_file_is_removed_at_once_when_the_browser_does_not_start(browser, own_folder, answer):
    started = browser(answer)
    open_browser(URL)
    wait_for(lambda: started.opened and not list(own_folder.iterdir()))


def test_no_browser_is_no_error(monkeypatch, own_folder):
    def none():
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    assert open_browser(URL) is False
    assert list(own_folder.iterdir()) == []


def test_a_full_disk_is_no_error(monkeypatch, browser):
    def full(prefix):
        raise OSError("No space left on device")

    browser()
    monkeypatch.setattr(serve.tempfile, "mkdtemp", full)
    assert open_browser(URL) is False


def test_without_a_display_no_browser_is_started(monkeypatch, browser, own_folder):
    """Otherwise a text browser would take over the terminal."""
    started = browser()
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert open_browser(URL) is False
    assert started.opened == []
    assert list(own_folder.iterdir()) == []


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"])
def test_a_display_is_told_by_the_environment(monkeypatch, name):
    monkeypatch.setattr(sys, "platform", "linux")
    for other in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(other, raising=False)
    assert not has_display()
    monkeypatch.setenv(name, "x")
    assert has_display()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_always_have_one(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("DISPLAY")
    assert has_display()


@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"),
                    reason="the arguments of a process are read from /proc: run this on Linux")
def test_the_token_is_in_no_processs_arguments_and_no_file_is_left(own_folder):
    note, program = own_folder / "note", own_folder / "browser"
    program.write_text(BROWSER.format(python=sys.executable, note=str(note)))
    program.chmod(0o755)
    # The address goes in by a pipe, as it never stands in the arguments of the studio either.
    script = ("import sys, time, pathlib; from cutaway.studio.server.serve import open_browser\n"
              "assert open_browser(sys.stdin.read())\n"
              f"while not pathlib.Path({str(note)!r}).exists(): time.sleep(0.01)")
    environment = {**os.environ, "BROWSER": f"{program} %s", "TMPDIR": str(own_folder)}
    subprocess.run([sys.executable, "-c", script], input=URL, text=True, check=True,
                   env=environment)
    arguments, _, page = note.read_text().partition("\n")
    assert "open.html" in arguments
    assert "SECRET" not in arguments
    assert URL in page
    assert sorted(path.name for path in own_folder.iterdir()) == ["browser", "note"]
