"""No stranger gets in anywhere: every route, mount and socket, by every kind of attack.

And, so that these tests can fail: the same attacks on the same app without its guard succeed.
"""

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Route

from cutaway.studio.server.app import make_app
from cutaway.studio.server.documents import new_document
from cutaway.studio.server.guard import Guard
from tests.studio.visits import HOME, KEYS, PORT, Seen, answer_of, having, insider, stand_in
from tests.studio.walk import Place, routes

COOKIE = f"cutaway_{PORT}={KEYS.cookie}"
OTHER_PORT = f"http://127.0.0.1:{PORT + 1}"


def secret(scope, value=None):
    """The request with another page's secret, or with none."""
    if scope["type"] == "websocket":
        offered = "cutaway" if value is None else f"cutaway, cutaway.{value}"
        return having(scope, "sec-websocket-protocol", offered)
    return having(scope, "x-cutaway-page", *([] if value is None else [value]))


def without_keys(scope):
    return secret(having(scope, "cookie"))


def moved(scope, host):
    """The request to another name, from a page that has that very name."""
    return having(having(scope, "host", host), "origin", f"http://{host}")


def from_another_port(scope):
    """A page at another port of this machine: the browser sends our cookie along."""
    return secret(having(having(scope, "origin", OTHER_PORT), "sec-fetch-site", "same-site"))


STRANGERS = {
    "no keys": without_keys,
    "no keys, and no browser": lambda scope: having(
        having(without_keys(scope), "sec-fetch-site"), "origin"),
    "no cookie": lambda scope: having(scope, "cookie"),
    "a wrong cookie": lambda scope: having(scope, "cookie", f"cutaway_{PORT}={'x' * 43}"),
    "the cookie twice": lambda scope: having(scope, "cookie", f"{COOKIE}; {COOKIE}"),
    "another port's cookie": lambda scope: having(scope, "cookie",
                                                  f"cutaway_{PORT + 1}={KEYS.cookie}"),
    "a token at another door": lambda scope: {**scope, "query_string": b"a=b&token=" + b"T" * 43},
    "a wrong token": lambda scope: {**without_keys(scope), "query_string": b"token=" + b"x" * 43},
    "two hosts": lambda scope: having(scope, "host", HOME, HOME),
    "no host": lambda scope: having(scope, "host"),
    "two origins": lambda scope: having(scope, "origin", f"http://{HOME}", OTHER_PORT),
    "another port with our cookie": from_another_port,
    "another port, in a browser that does not say": lambda scope: having(
        from_another_port(scope), "sec-fetch-site"),
    "another site": lambda scope: having(scope, "sec-fetch-site", "cross-site"),
    "another site of this machine": lambda scope: having(scope, "sec-fetch-site", "same-site"),
    **{f"the host {host!r}": lambda scope, host=host: moved(scope, host) for host in [
        f"localhost.evil.com:{PORT}", f"127.0.0.1.evil.com:{PORT}", f"{HOME}.evil.com", "evil.com",
        f"evil.com:{PORT}", f"127.0.0.1:{PORT + 1}", f"x{HOME}", f"{HOME}0", f"evil.com@{HOME}"]},
    **{f"the origin {origin!r}": lambda scope, origin=origin: having(scope, "origin", origin)
       for origin in ["null", "http://evil.com", f"http://localhost.evil.com:{PORT}",
                      f"http://{HOME}.evil.com", f"http://evil.com/http://{HOME}",
                      f"http://{HOME}0", f"https://{HOME}", OTHER_PORT]},
}
# The page's bare files may be read with the cookie alone, and a look need not name its origin.
STRANGERS_TO_MORE_THAN_A_LOOK = {
    "no secret": secret,
    "a wrong secret": lambda scope: secret(scope, "x" * 43),
    "the cookie for a secret": lambda scope: secret(scope, KEYS.cookie),
    "the token for a secret": lambda scope: secret(scope, KEYS.token),
}
STRANGERS_TO_CHANGES_AND_SOCKETS = {
    "no origin": lambda scope: having(scope, "origin"),
}


def strangers(place):
    """The attacks that apply to a place."""
    found = dict(STRANGERS)
    is_look = place.method in ("GET", "HEAD") and not place.is_socket
    if not (is_look and (place.path == "/" or place.path.startswith("/static/"))):
        found |= STRANGERS_TO_MORE_THAN_A_LOOK
    if not is_look:
        found |= STRANGERS_TO_CHANGES_AND_SOCKETS
    return found


def request(place):
    """A request of our own page to this place."""
    return insider(place.path, place.method, is_socket=place.is_socket)


APPS = {
    "the studio": make_app(new_document("storybook"), KEYS, PORT),
    "the stand-in": Guard(stand_in(), KEYS, PORT),
}
PLACES = [pytest.param(app, place, id=f"{name}: {place}")
          for name, app in APPS.items() for place in routes(app)]
# A folder of files answers to no socket, whoever asks.
ANSWERING = [place for place in PLACES if place.id != "the studio: SOCKET /static/a"]


def is_let_in(app, scope):
    """Whether a request gets as far as the app's own code."""
    try:
        answer = answer_of(app, scope)
    except Exception:  # it did, and found that no book is open in this test
        return True
    return answer.is_accepted or answer.status not in (401, 403, 429)


@pytest.mark.parametrize(("app", "place"), PLACES)
def test_every_place_refuses_every_stranger(app, place):
    let_in = [name for name, spoil in strangers(place).items()
              if is_let_in(app, spoil(request(place)))]
    assert let_in == []


@pytest.mark.parametrize(("app", "place"), ANSWERING)
def test_every_place_is_open_to_our_own_page(app, place):
    assert is_let_in(app, request(place))


@pytest.mark.parametrize(("app", "place"), ANSWERING)
def test_without_the_guard_the_same_strangers_get_in(app, place):
    refused = [name for name, spoil in strangers(place).items()
               if not is_let_in(app.app, spoil(request(place)))]
    assert refused == []


def test_the_studio_has_the_places_that_we_know_of():
    """So that a walk that finds too little is noticed."""
    assert {"GET /", "SOCKET /socket", "GET /static/a", "POST /upload/a/1"} <= set(
        map(str, routes(APPS["the studio"])))


def test_nothing_of_a_stranger_reaches_the_app():
    seen = Seen()
    app = Guard(stand_in(seen), KEYS, PORT)
    for place in routes(app):
        for spoil in strangers(place).values():
            answer_of(app, spoil(request(place)))
    assert seen.scopes == []


def test_the_walk_finds_every_place():
    assert set(map(str, routes(Guard(stand_in(), KEYS, PORT)))) == {
        "GET /", "HEAD /", "GET /static/a/b", "HEAD /static/a/b", "GET /table.csv",
        "HEAD /table.csv", "POST /do/a", "POST /upload/a", "SOCKET /socket", "GET /deep/page",
        "HEAD /deep/page", "SOCKET /deep/socket", "GET /deep/er/page/1", "HEAD /deep/er/page/1",
        "GET /files/a", "POST /files/a", "SOCKET /files/a"}


def test_the_walk_goes_through_hosts_and_tells_what_it_does_not_know():
    def look():
        """Never called."""

    app = Starlette(routes=[Host("localhost", Starlette(routes=[Route("/x", look)]))])
    assert routes(app) == [Place("/x", "GET"), Place("/x", "HEAD")]
    with pytest.raises(TypeError, match="a kind that this walk does not know"):
        routes(Starlette(routes=[BaseRoute()]))
    with pytest.raises(TypeError, match="has no routes"):
        routes(Starlette())
