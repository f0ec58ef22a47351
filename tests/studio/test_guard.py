"""Each rule of the guard refuses what it is there for, and nothing else.

What is expected comes from the security section of the design, from the Fetch standard
(Sec-Fetch-*, Origin), RFC 9110 (Host, methods, status codes) and RFC 6265 (cookies).
"""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import StudioError
from cutaway.studio.server.guard import Guard
from tests.studio.visits import (
    HOME,
    KEYS,
    PORT,
    Seen,
    answer_of,
    guarded,
    having,
    insider,
    stand_in,
)

COOKIE = f"cutaway_{PORT}={KEYS.cookie}"
FOREIGN_HOSTS = [
    "localhost.evil.com:8765", "127.0.0.1.evil.com:8765", "evil.com", "evil.com:8765",
    "127.0.0.1:8766", "127.0.0.1:87650", "127.0.0.1:8765.evil.com", "127.0.0.1", "localhost",
    "127.0.0.1:8765.", "127.0.0.1.:8765", "localhost.:8765", "127.0.0.1:08765", "127.1:8765",
    "0.0.0.0:8765", "2130706433:8765", "[::1]:8765", "[::ffff:127.0.0.1]:8765", "[127.0.0.1]:8765",
    "user@127.0.0.1:8765", "127.0.0.1:8765@evil.com", "evil.com#127.0.0.1:8765",
    "127.0.0.1:8765, evil.com", "127.0.0.1:8765 ", "http://127.0.0.1:8765", "", " ", "null",
    b"127.0.0.1:8765\xff", b"\xff\xfe", b"127.0.0.1\x00:8765", "١٢٧.0.0.1:8765".encode()]
FOREIGN_ORIGINS = [
    "null", "", "http://evil.com", "http://localhost.evil.com:8765",
    "http://127.0.0.1.evil.com:8765", "http://127.0.0.1:8765.evil.com",
    "http://evil.com/http://127.0.0.1:8765", "http://evil.com?http://127.0.0.1:8765",
    "http://127.0.0.1:8766", "http://127.0.0.1:87650", "http://127.0.0.1", "http://localhost",
    "http://localhost:8765", "https://127.0.0.1:8765", "http://127.0.0.1:8765/",
    "http://user@127.0.0.1:8765", "http://127.0.0.1:8765@evil.com", "HTTP://127.0.0.1:8765",
    "http://[::1]:8765", "file://", "ws://127.0.0.1:8765", " http://127.0.0.1:8765",
    b"http://127.0.0.1:8765\xe9", "127.0.0.1:8765"]


def status(scope, **options):
    """What the guard answers; 101 for a socket that is accepted."""
    answer = answer_of(guarded(**options), scope)
    return 101 if answer.is_accepted else answer.status


@pytest.mark.parametrize(("path", "method", "is_socket", "expected"), [
    ("/", "GET", False, 200), ("/", "HEAD", False, 200), ("/static/app.js", "GET", False, 200),
    ("/table.csv", "GET", False, 200), ("/do/undo", "POST", False, 200),
    ("/upload/wte.csv", "POST", False, 200), ("/socket", "GET", True, 101)])
def test_our_own_page_is_let_in(path, method, is_socket, expected):
    assert status(insider(path, method, is_socket=is_socket)) == expected


def test_a_connection_that_is_neither_http_nor_websocket_is_refused():
    with pytest.raises(StudioError, match="'gopher' was found; Cutaway speaks HTTP and WebSocket"):
        answer_of(guarded(), {"type": "gopher", "headers": []})


def test_the_apps_start_and_end_pass_through():
    heard = []

    async def app(scope, receive, send):
        heard.append(scope["type"])

    asyncio.run(Guard(app, KEYS, PORT)({"type": "lifespan"}, None, None))
    assert heard == ["lifespan"]


# Host and Origin

@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused_even_with_every_key(host):
    assert status(having(insider(), "host", host)) == 403
    same_origin = b"http://" + (host if isinstance(host, bytes) else host.encode())
    assert status(having(having(insider(), "host", host), "origin", same_origin)) == 403


@pytest.mark.parametrize("hosts", [(), (HOME, HOME), (HOME, "evil.com"), ("evil.com", HOME)])
def test_there_is_exactly_one_host(hosts):
    assert status(having(insider(), "host", *hosts)) == 403


@pytest.mark.parametrize("host", ["localhost:8765", "LOCALHOST:8765", "LocalHost:8765"])
def test_the_hosts_letters_may_be_large(host):
    scope = having(insider(), "host", host)
    assert status(having(scope, "origin", "http://localhost:8765")) == 200
    assert status(having(scope, "origin")) == 200


def test_the_port_may_be_left_out_where_it_is_80():
    guard = Guard(stand_in(), KEYS, 80)
    for host in ("127.0.0.1", "localhost", "127.0.0.1:80"):
        scope = having(insider(), "cookie", f"cutaway_80={KEYS.cookie}")
        scope = having(having(scope, "host", host), "origin", f"http://{host}")
        assert answer_of(guard, scope).status == 200


def test_an_ipv6_number_has_its_brackets():
    scope = having(having(insider(), "host", "[::1]:8765"), "origin", "http://[::1]:8765")
    assert status(scope, hosts=("::1",)) == 200
    assert status(having(insider(), "host", "::1:8765"), hosts=("::1",)) == 403


@given(host=st.text(st.characters(max_codepoint=255)))
def test_no_other_text_is_a_host_of_ours(host):
    expected = 200 if host.lower() in (HOME, f"localhost:{PORT}") else 403
    assert status(having(having(insider(), "origin"), "host", host)) == expected


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize("scope", [insider(), insider("/do/undo", "POST"),
                                   insider("/socket", is_socket=True)],
                         ids=["a look", "a change", "a socket"])
def test_a_foreign_origin_is_refused_even_with_every_key(scope, origin):
    assert status(having(scope, "origin", origin)) == 403


def test_a_look_may_be_without_an_origin_but_no_change_and_no_socket():
    assert status(having(insider("/table.csv"), "origin")) == 200
    assert status(having(insider("/table.csv", "HEAD"), "origin")) == 200
    assert status(having(insider("/do/undo", "POST"), "origin")) == 403
    assert status(having(insider("/socket", is_socket=True), "origin")) == 403


def test_there_is_at_most_one_origin():
    own = f"http://{HOME}"
    assert status(having(insider(), "origin", own, own)) == 403
    assert status(having(insider(), "origin", own, "http://evil.com")) == 403


@given(before=st.text("abc./:@#?", max_size=8), after=st.text("abc./:@#?0", max_size=8))
def test_an_origin_that_only_holds_ours_is_foreign(before, after):
    expected = 200 if not before and not after else 403
    assert status(having(insider(), "origin", f"{before}http://{HOME}{after}")) == expected


# Fetch metadata

@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "Same-Origin", "same-origin, none",
                                  b"\xff"])
@pytest.mark.parametrize("scope", [insider(), insider("/static/app.js"),
                                   insider("/do/undo", "POST"), insider("/socket", is_socket=True)],
                         ids=["page", "file", "change", "socket"])
def test_what_the_browser_calls_another_site_is_refused(scope, site):
    scope = having(having(scope, "sec-fetch-mode", "navigate"), "sec-fetch-dest", "document")
    assert status(having(scope, "sec-fetch-site", site)) == 403


def test_a_browser_that_does_not_say_is_measured_by_the_other_rules():
    assert status(having(insider(), "sec-fetch-site")) == 200
    assert status(having(insider(), "sec-fetch-site", "none")) == 200
    assert status(having(insider(), "sec-fetch-site", "same-origin", "same-origin")) == 403


# Paths and methods

@pytest.mark.parametrize("path", [
    "", "static/app.js", "http://evil.com/", f"http://{HOME}/", "//evil.com/", "/static//app.js",
    "/static/../do/undo", "/static/./app.js", "/static/..", "/..", "/static\\..\\app.js",
    "/static/app.js\x00", "/static/\r\nSet-Cookie: a=b", "/static/\x7f", "*"])
def test_a_path_that_is_not_plain_is_refused(path):
    assert status(insider(path)) == 400


def test_a_path_is_not_taken_apart_at_a_servers_root_path():
    assert status({**insider("/static/do/undo"), "root_path": "/static"}) == 400


@given(path=st.text())
def test_without_a_key_no_path_reaches_the_app(path):
    seen = Seen()
    answer = answer_of(guarded(seen), having(insider(path), "cookie"))
    assert answer.status in (400, 401)
    assert seen.scopes == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get",
                                    "", "GET ", "PROPFIND"])
def test_only_get_head_and_post_are_known(method):
    for path in ("/", "/static/app.js", "/do/undo"):
        answer = answer_of(guarded(), insider(path, method))
        assert answer.status == 405
        assert answer["allow"] == "GET, HEAD, POST"


# Cookie and secret

@pytest.mark.parametrize("cookies", [
    [], [""], [f"cutaway_{PORT}="], [f"cutaway_{PORT}"], [COOKIE[:-1]], [COOKIE + "C"],
    [f"cutaway_{PORT}={'X' * 43}"], [f"cutaway_{PORT + 1}={KEYS.cookie}"],
    [f"cutaway={KEYS.cookie}"], [f"xcutaway_{PORT}={KEYS.cookie}"],
    [f"CUTAWAY_{PORT}={KEYS.cookie}"], [f"{COOKIE}; {COOKIE}"], [COOKIE, COOKIE],
    [f"{COOKIE}; cutaway_{PORT}=x"], [f"cutaway_{PORT}=x; {COOKIE}"],
    [f'cutaway_{PORT}="{KEYS.cookie}"'],
    [f"a=b, {COOKIE}"], [f"cutaway_{PORT}={KEYS.token}"], [f"cutaway_{PORT}={KEYS.page}"],
    [b"cutaway_8765=\xff\xfe"], [COOKIE.encode() + b"\xff"]])
def test_without_exactly_one_right_cookie_nothing_is_shown(cookies):
    for scope in (insider(), insider("/static/app.js"), insider("/do/undo", "POST")):
        assert status(having(scope, "cookie", *cookies)) == 401
    assert status(having(insider("/socket", is_socket=True), "cookie", *cookies)) == 403


@pytest.mark.parametrize("cookies", [[f"a=b; {COOKIE}; c=d"], ["a=b", COOKIE],
                                     [f"cutaway_9999=x;{COOKIE}"]])
def test_cookies_of_other_ports_do_not_disturb(cookies):
    assert status(having(insider("/do/undo", "POST"), "cookie", *cookies)) == 200


@given(value=st.text(st.characters(max_codepoint=255, exclude_characters=";")))
def test_no_other_value_is_the_cookie(value):
    expected = 200 if value.strip() == KEYS.cookie else 401
    assert status(having(insider(), "cookie", f"cutaway_{PORT}={value}")) == expected


@pytest.mark.parametrize("found", [[], [""], ["P" * 42], ["P" * 44], [KEYS.cookie], [KEYS.token],
                                   [KEYS.page, KEYS.page], ["x", KEYS.page], [b"\xff" * 43]])
def test_the_cookie_alone_changes_and_reads_nothing(found):
    for scope in (insider("/do/undo", "POST"), insider("/upload/a", "POST"), insider("/table.csv"),
                  insider("/table.csv", "HEAD"), insider("/", "POST"),
                  insider("/static/a", "POST"), insider("/staticx"), insider("/static")):
        assert status(having(scope, "x-cutaway-page", *found)) == 401


def test_the_cookie_alone_shows_the_bare_page():
    for path in ("/", "/static/app.js"):
        assert status(having(insider(path), "x-cutaway-page")) == 200


@pytest.mark.parametrize("offered", [
    "", "cutaway", f"cutaway.{KEYS.page}", f"cutaway, {KEYS.page}", f"cutaway, cutaway.{'X' * 43}",
    f"cutaway, cutaway.{KEYS.page[:-1]}", f"cutaway, cutaway.{KEYS.page}P", "cutaway, cutaway.",
    f"cutaway, cutaway.{KEYS.page}, cutaway.{KEYS.page}",
    f"cutaway, cutaway.x, cutaway.{KEYS.page}", f"Cutaway, cutaway.{KEYS.page}",
    f"cutaway, x.cutaway.{KEYS.page}",
    f"cutaway, cutaway.{KEYS.cookie}", f"cutaway, cutaway.{KEYS.token}"])
def test_a_socket_without_the_pages_secret_is_refused(offered):
    scope = having(insider("/socket", is_socket=True), "sec-websocket-protocol", offered)
    assert status(scope) == 403


def test_a_socket_is_accepted_under_the_plain_name():
    answer = answer_of(guarded(), insider("/socket", is_socket=True))
    assert answer.is_accepted
    assert answer.subprotocol == "cutaway"


def test_the_app_behind_sees_no_secret():
    seen = Seen()
    app = guarded(seen)
    answer_of(app, insider("/do/undo", "POST"))
    answer_of(app, insider("/socket", is_socket=True))
    assert seen.calls == ["POST /do/undo", "SOCKET /socket"]
    for secret in (KEYS.token, KEYS.cookie, KEYS.page):
        assert all(secret not in repr((scope["headers"], scope.get("subprotocols")))
                   for scope in seen.scopes)
