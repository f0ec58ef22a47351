"""Serves the grid's own files and the page on which the tests put it, under the studio's policy."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STATIC = Path(__file__).parents[2] / "src" / "cutaway" / "studio" / "static"
PAGE = Path(__file__).parent / "grid_page"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src data:"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


class Files(http.server.BaseHTTPRequestHandler):
    """The page's own files first, then those of the studio."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = "index.html" if self.path == "/" else self.path.lstrip("/")
        path = next((root / name for root in (PAGE, STATIC) if (root / name).is_file()), None)
        if path is None:
            return self.send_error(404)
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{TYPES[path.suffix]}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        return self.wfile.write(content)

    def log_message(self, format, *args):
        """Keep quiet."""


@contextmanager
def grid_server() -> Iterator[str]:
    """The address of a running server; it stops at the end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
