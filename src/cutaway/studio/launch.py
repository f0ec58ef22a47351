"""Opening the browser, without the address being seen by anybody else on the machine."""

import atexit
import html
import os
import shutil
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path

SECONDS_TO_OPEN = 60.0
TOLD_BY = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
# A program's arguments are shown to every user of a machine, and its address holds the token: the
# browser is given the name of a file that only its owner can read, and that leads to the address.
REDIRECT = """<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<title>Cutaway</title><meta http-equiv="refresh" content="0; url={address}">
<a href="{address}">Open Cutaway</a>
"""


def launch_file(url: str) -> Path:
    """A page that leads to `url`, which only its owner can read (0600 in a folder of 0700).

    Raises:  OSError when it cannot be written
    """
    path = Path(tempfile.mkdtemp(prefix="cutaway-")) / "open.html"
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(REDIRECT.format(address=html.escape(url)))
    return path


def open_browser(url: str, seconds: float = SECONDS_TO_OPEN) -> bool:
    """True when a browser is being started on `url`; False where there is none: no error.

    seconds  how long the browser may take to read the file that leads it there
    """
    if not has_display():
        return False
    try:
        browser = webbrowser.get()
        file = launch_file(url)
    except (webbrowser.Error, OSError):  # none, or a full disk: the address can be opened by hand
        return False
    atexit.register(_remove, file)
    _daemon(threading.Timer(seconds, _remove, [file]))
    # Some browsers are not done before their window is closed, so nobody waits for them.
    _daemon(threading.Thread(target=_open, args=[browser, file]))
    return True


def has_display() -> bool:
    """Whether a window can be shown: a text browser would take the terminal that we print to."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return True
    return any(os.environ.get(name) for name in TOLD_BY)


def _open(browser: webbrowser.BaseBrowser, file: Path) -> None:
    try:
        opened = browser.open(file.as_uri())
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        _remove(file)


def _daemon(thread: threading.Thread) -> None:
    """Started, and no reason to stay when everything else has ended."""
    thread.daemon = True
    thread.start()


def _remove(file: Path) -> None:
    shutil.rmtree(file.parent, ignore_errors=True)
