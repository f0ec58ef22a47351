"""The guard behind a real server: what goes over the wire, and what is written into the log."""

import logging
import re
import socket

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cutaway.studio.server.guard import Guard
from tests.studio.visits import KEYS, Seen, served, stand_in

SECRETS = (KEYS.token, KEYS.cookie, KEYS.page)


@pytest.fixture
def seen():
    return Seen()


@pytest.fixture
def port(seen):
    with served(lambda port: Guard(stand_in(seen), KEYS, port, body_bytes=1000)) as port:
        yield port


def cookie(port):
    return {"Cookie": f"cutaway_{port}={KEYS.cookie}"}


def own(port):
    """The headers of our own page."""
    return {**cookie(port), "Origin": f"http://127.0.0.1:{port}", "X-Cutaway-Page": KEYS.page}


def talk(port, secret=KEYS.page, **headers):
    """The subprotocol under which a socket was accepted."""
    named = {name.title(): value for name, value in {**cookie(port), **headers}.items()}
    origin = named.pop("Origin", f"http://127.0.0.1:{port}")
    with connect(f"ws://127.0.0.1:{port}/socket", origin=origin, additional_headers=named,
                 subprotocols=["cutaway", f"cutaway.{secret}"]) as opened:
        return opened.subprotocol


def raw(port, text):
    """The status line's number of the answer to these very bytes."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(text.replace("\n", "\r\n").encode("latin-1"))
        answer = connection.makefile("rb").readline()
    return int(re.match(rb"HTTP/1\.1 (\d+) ", answer)[1])


def test_the_way_in_over_the_wire(port, seen):
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        opened = browser.get("/", params={"token": KEYS.token}, follow_redirects=True)
        assert str(opened.url) == f"http://127.0.0.1:{port}/#page={KEYS.page}"
        assert opened.status_code == 200
        headers = {"Origin": f"http://127.0.0.1:{port}", "X-Cutaway-Page": KEYS.page}
        assert browser.post("/do/undo", json={}, headers=headers).json() == {"ok": {}}
    assert talk(port) == "cutaway"
    assert seen.calls == ["GET /", "POST /do/undo", "SOCKET /socket"]


def test_a_refused_socket_is_answered_before_the_handshake(port, seen):
    for wrong in ({"secret": "x" * 43}, {"cookie": "a=b"}, {"origin": "http://evil.com"},
                  {"origin": f"http://127.0.0.1:{port + 1}"}, {"origin": "null"}):
        with pytest.raises(InvalidStatus) as refused:
            talk(port, **wrong)
        assert refused.value.response.status_code == 403
    assert seen.scopes == []


def test_another_program_with_a_stolen_cookie_sees_the_bare_page_and_no_more(port, seen):
    """Every port of a machine is sent our cookie; whoever listens there can use it."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=cookie(port)) as thief:
        own_origin = {"Origin": f"http://127.0.0.1:{port}"}
        assert thief.get("/").status_code == 200
        assert thief.get("/static/app.js").status_code == 200
        assert thief.get("/table.csv").status_code == 401
        assert thief.post("/do/undo", json={}, headers=own_origin).status_code == 401
        assert thief.post("/upload/a", content=b"x", headers=own_origin | {
            "Content-Type": "application/octet-stream"}).status_code == 401
    with pytest.raises(InvalidStatus):
        talk(port, secret=KEYS.cookie)
    assert seen.calls == ["GET /", "GET /static/app.js"]


@pytest.mark.parametrize("text", [
    "GET http://evil.com/ HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "GET http://{host}/ HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "GET //evil.com/ HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "GET / HTTP/1.1\nHost: {host}\nHost: {host}\nCookie: {cookie}\n\n",
    "GET / HTTP/1.1\nHost: {host}\nHost: evil.com\nCookie: {cookie}\n\n",
    "GET / HTTP/1.1\nHost: evil.com\nX-Forwarded-Host: {host}\nCookie: {cookie}\n\n",
    "GET / HTTP/1.1\nHost: evil.com\nForwarded: host={host}\nCookie: {cookie}\n\n",
    "GET / HTTP/1.1\nCookie: {cookie}\n\n",
    "GET / HTTP/1.0\nCookie: {cookie}\n\n",
    "GET / HTTP/1.1\nHost: {host}\nCookie: {cookie}\nCookie: {cookie}\n\n",
    "GET /static/%2e%2e/do/undo HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "GET /static/..%2fdo/undo HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "GET /static/%5c..%5cdo HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "TRACE / HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "OPTIONS * HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "CONNECT evil.com:443 HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n",
    "POST / HTTP/1.1\nHost: {host}\nCookie: {cookie}\nX-HTTP-Method-Override: GET\n"
    "Content-Length: 0\n\n",
    "GET /?%74oken={token} HTTP/1.1\nHost: {host}\n\n",
    "GET /\xff HTTP/1.1\nHost: {host}\n\n"])
def test_odd_requests_are_refused(port, seen, text):
    answer = raw(port, text.format(host=f"127.0.0.1:{port}", token=KEYS.token,
                                   cookie=f"cutaway_{port}={KEYS.cookie}"))
    assert answer in (400, 401, 403, 405)
    assert seen.scopes == []


def test_a_plain_request_by_the_same_means_is_let_in(port, seen):
    """So that the odd ones are refused for what is odd in them."""
    assert raw(port, f"GET / HTTP/1.1\nHost: 127.0.0.1:{port}\n"
                     f"Cookie: cutaway_{port}={KEYS.cookie}\n\n") == 200
    assert seen.calls == ["GET /"]


def test_a_stream_without_a_length_is_cut_at_the_limit(port, seen):
    headers = own(port) | {"Content-Type": "application/json"}
    answer = httpx2.post(f"http://127.0.0.1:{port}/do/undo", headers=headers,
                          content=(b"x" * 100 for _ in range(10_000)))
    assert answer.status_code == 413
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.bodies == []


def visit_all(port):
    """Every way in which somebody may hand us a secret."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        for address in (f"/?token={KEYS.token}", f"/?token={KEYS.token}x",
                        f"/static/app.js?token={KEYS.token}", f"/?a=b&%74oken={KEYS.token}",
                        f"/nowhere?token={KEYS.token}"):
            browser.get(address)
            browser.post(address, json={}, headers=own(port))
    talk(port)


def written(caplog):
    """What the server has written into its log; the client's own is none of ours."""
    return "\n".join(record.getMessage() for record in caplog.records
                     if record.name.startswith("uvicorn"))


def test_no_secret_is_in_the_servers_log(port, caplog):
    with caplog.at_level(logging.INFO):
        visit_all(port)
    assert "GET /static/app.js HTTP/1.1" in written(caplog)
    assert '"WebSocket /socket" [accepted]' in written(caplog)
    assert not any(secret in written(caplog) for secret in SECRETS)


def test_without_the_guard_the_token_is_in_the_servers_log(caplog):
    with served(lambda port: stand_in()) as port, caplog.at_level(logging.INFO):
        visit_all(port)
    assert KEYS.token in written(caplog)
