"""What never becomes a request: too many connections, heads that do not arrive, no HTTP."""

import socket

import pytest

from cutaway.studio.server import connection
from cutaway.studio.server.guard import policy
from tests.studio.visits import Seen, served, stand_in

SECONDS = 60  # a test fails after this long, instead of waiting for ever


@pytest.fixture
def seen():
    return Seen()


@pytest.fixture
def port(seen):
    with served(lambda port: stand_in(seen)) as port:
        yield port


def called(port):
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def answered(opened):
    """All that comes until the server hangs up: status, headers, text."""
    head, _, text = opened.makefile("rb").read().partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(status.split()[1]), {name.lower(): value for name, value in headers.items()}, text


def has_the_headers_of_every_answer(headers):
    return all(headers.get(name.decode()) == value.decode() for name, value in policy(()).items()) \
        and headers["cache-control"] == "no-store"


@pytest.mark.parametrize("sent", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a browser that was told https
    b"hello\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"GET / FTP/1.1\r\n\r\n",
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n"])
def test_what_is_no_http_is_answered_with_every_header_and_hung_up(port, seen, sent):
    with called(port) as opened:
        opened.sendall(sent)
        if sent.startswith(b"\x16"):
            opened.shutdown(socket.SHUT_WR)
        status, headers, _ = answered(opened)
    assert status == 400 and has_the_headers_of_every_answer(headers)
    assert seen.scopes == []


@pytest.mark.parametrize("sent", [
    b"", b"G", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: aaaa"])
def test_a_head_that_does_not_arrive_is_hung_up(port, monkeypatch, sent):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with called(port) as opened:
        opened.sendall(sent)
        status, headers, text = answered(opened)
    assert status == 408 and text == connection.SLOW.encode()
    assert has_the_headers_of_every_answer(headers)


def test_a_second_head_that_does_not_arrive_is_hung_up(port, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with called(port) as opened:
        opened.sendall(b"GET /static/a.js HTTP/1.1\r\nHost: a\r\n\r\n")
        assert opened.recv(100_000).startswith(b"HTTP/1.1 200 ")
        opened.sendall(b"GET / HTTP/1.1\r\nHo")
        assert b"HTTP/1.1 408 " in opened.makefile("rb").read()


def test_a_request_and_a_socket_are_not_ended_by_the_wait_for_a_head(port, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.05)
    with called(port) as opened:
        opened.sendall(b"POST /do/undo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                       b"Connection: close\r\n\r\n{")
        opened.settimeout(0.3)
        with pytest.raises(TimeoutError):  # longer than a head may take, and nobody hangs up
            opened.recv(1)
        opened.settimeout(SECONDS)
        opened.sendall(b"}")
        assert answered(opened)[0] == 200


def test_more_connections_than_any_browser_opens_are_refused_in_words(port, monkeypatch):
    monkeypatch.setattr(connection, "MOST_CONNECTIONS", 3)
    first = [called(port) for _ in range(3)]
    try:
        with called(port) as one_more:
            status, headers, text = answered(one_more)
        assert status == 503 and text == connection.BUSY.encode()
        assert has_the_headers_of_every_answer(headers)
    finally:
        for opened in first:
            opened.close()
    with called(port) as later:  # there is room again
        while True:
            later.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            if answered(later)[0] == 200:
                break
