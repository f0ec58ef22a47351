"""The studio served on this machine: a port, the address with its key, the browser, Ctrl-C."""

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from cutaway.errors import SettingError
from cutaway.studio.app import make_app
from cutaway.studio.books_on_disk import SavedBook
from cutaway.studio.document_lock import DocumentLock
from cutaway.studio.guard import Keys
from cutaway.studio.launch import open_browser

PORT = 8642
PORTS_TRIED = 20
MESSAGE_BYTES = 4 * 2**20  # a pasted text, a block of numbers
LOCAL = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")


def serve(saved: SavedBook, *, port: int | None = None, host: str = LOCAL, browser: bool = True,
          started: Callable[[str], None] = lambda address: None) -> None:
    """Serve a book until Ctrl-C.

    port     the port to listen at; the first free one from 8642 on when None
    host     the address to listen at; anything but 127.0.0.1 lets other machines knock
    browser  whether to open a browser on it, where there is one
    started  told the address, with its key, once the page can be opened
    Raises:  SettingError when the port is taken, or the host is none of this machine;
             DocumentInUse when another server has the book open
    """
    listening = _listening(host, port)
    number = listening.getsockname()[1]
    keys = Keys.new()
    address = f"http://{LOCAL if host in EVERYWHERE else host}:{number}/?token={keys.token}"
    lock = DocumentLock(address)
    lock.take(saved.identity)
    app = make_app(saved, keys, number, _names(host), lock=lock)

    def tell() -> None:
        started(address)
        if browser:
            open_browser(address)

    config = uvicorn.Config(app, log_level="error", access_log=False, log_config=None,
                            ws="websockets-sansio", ws_max_size=MESSAGE_BYTES, lifespan="on",
                            http="h11", proxy_headers=False,
                            server_header=False, date_header=False,
                            timeout_graceful_shutdown=2)
    with suppress(KeyboardInterrupt):  # that is how one ends it
        _Server(config, tell).run(sockets=[listening])
    lock.release()


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
