"""The studio served on this machine: a port, the address with its key, the browser, Ctrl-C."""

import atexit
import html
import os
import shutil
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

import uvicorn
from starlette.applications import Starlette

from cutaway.errors import SettingError
from cutaway.studio.server.app import make_app
from cutaway.studio.server.connection import Connection
from cutaway.studio.server.document_lock import DocumentLock
from cutaway.studio.server.documents import Document
from cutaway.studio.server.guard import Keys

PORT = 8642
PORTS_TRIED = 20
MESSAGE_BYTES = 4 * 2**20  # a pasted text, a block of numbers
LOCAL = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")


def serve(saved: Document, *, port: int | None = None, host: str = LOCAL, browser: bool = True,
          started: Callable[[str, str], None] = lambda address, reason: None) -> str:
    """Serve a document until Ctrl-C.

    port     the port to listen at; the first free one from 8642 on when None
    host     the address to listen at; anything but 127.0.0.1 lets other machines knock
    browser  whether to open a browser on it, where there is one
    started  called once the page can be opened: with the address, with its key, and with why
             nothing can be kept, "" when it can
    Returns:  why the last changes were not kept; "" when they were
    Raises:  SettingError when the port is taken, or the host is none of this machine;
             DocumentInUse when another server has the document open
    """
    listening = _listening(host, port)
    number = listening.getsockname()[1]
    keys = Keys.new()
    address = f"http://{LOCAL if host in EVERYWHERE else host}:{number}/?token={keys.token}"
    lock = DocumentLock(address)
    reason = lock.take_where_writable(saved.identity)
    app = make_app(saved, keys, number, _names(host), lock=lock)

    def tell() -> None:
        started(address, reason)
        if browser:
            open_browser(address)

    config = uvicorn.Config(app, log_level="error", access_log=False, log_config=None,
                            ws="websockets-sansio", ws_max_size=MESSAGE_BYTES, lifespan="on",
                            http=Connection, proxy_headers=False,
                            server_header=False, date_header=False,
                            timeout_graceful_shutdown=2)
    with suppress(KeyboardInterrupt):  # that is how one ends it
        _Server(config, tell).run(sockets=[listening])
    lock.release()
    return cast(Starlette, app.app).state.document.not_kept


class _Server(uvicorn.Server):
    """uvicorn that says when it has started, and ends without a traceback at Ctrl-C."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]):
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._tell()


def _names(host: str) -> tuple[str, ...]:
    """The names by which a browser may call: this machine's own where all addresses are open."""
    own = [socket.gethostname(), *socket.gethostbyname_ex(socket.gethostname())[2]] \
        if host in EVERYWHERE else []
    return tuple(dict.fromkeys([LOCAL, "localhost", host, *own]))


def _listening(host: str, port: int | None) -> socket.socket:
    """A socket bound to the port that was asked for, or to the first free one."""
    wanted = [port] if port is not None else [*range(PORT, PORT + PORTS_TRIED), 0]
    reason = ""
    for number in wanted:
        try:
            found = socket.create_server((host, number), reuse_port=False)
            found.set_inheritable(False)
            # Connections take it over: without it, an answer's body waits for the browser to
            # acknowledge the headers (Nagle's algorithm), some 40 ms a file.
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return found
        except OSError as error:
            reason = error.strerror or str(error)
        except OverflowError:
            reason = "a port is a number from 0 to 65535"
    raise SettingError(f"Cutaway cannot listen at {host}, port {wanted[0]}: {reason}. Choose "
                       f"another one with --port, or leave it out for any free one.")


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
