"""The guard in front of HTTP and WebSocket: whoever is not known is refused.

    app = Guard(app, Keys.new(), port=8765)

Its rules are in guard_rules.py, one function each. docs/security.md says what each is for.
"""

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cutaway.errors import StudioError
from cutaway.studio.guard_headers import Refusals, policy, with_headers
from cutaway.studio.guard_rules import (
    AT_THE_DOOR,
    INSIDE,
    OPEN_AGAIN,
    PAGE_HEADER,
    SUBPROTOCOL,
    Keys,
    Refusal,
    Visit,
    cookie_name,
    first_refusal,
    own_site,
)

__all__ = ["Guard", "Keys", "cookie_name"]

SECRET_HEADERS = {b"cookie", PAGE_HEADER.encode(), b"sec-websocket-protocol"}
BODY_BYTES = 1 << 20
UPLOAD_BYTES = 40_000_000_000  # as much as the largest GPT-2 has as text
# Where a browser has come from another site, the Strict cookie does not go along with a redirect;
# a page of our own that leads on has it sent.
ONWARD = """<!doctype html><meta charset="utf-8"><title>Cutaway</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url={address}">
<a href="{address}">Open Cutaway</a>
"""


class Guard:
    """An ASGI app that lets in only our own page, and keeps its secrets from the app behind it.

    keys          the secrets of this start
    port          the port that the server listens at
    hosts         the names and addresses by which a browser may call it
    upload_bytes  the most bytes of a body below /upload/; `body_bytes` is for all others
    """

    def __init__(self, app: ASGIApp, keys: Keys, port: int,
                 hosts: tuple[str, ...] = ("127.0.0.1", "localhost"), *,
                 body_bytes: int = BODY_BYTES, upload_bytes: int = UPLOAD_BYTES,
                 refusals: Refusals | None = None):
        self.app = app
        self.keys = keys
        self.port = port
        self.addresses = _addresses(hosts, port)
        self.limits = {"body_bytes": body_bytes, "upload_bytes": upload_bytes}
        self.headers = policy(self.addresses)
        self.refusals = refusals or Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] in ("http", "websocket"):
            await self._receive_visit(scope, receive, send)
        else:
            raise StudioError(f"A connection of the kind {scope['type']!r} was found; Cutaway "
                              "speaks HTTP and WebSocket only.")

    async def _receive_visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = Visit(scope, self.keys, self.port, self.addresses, **self.limits)
        at_the_door = visit.is_at_the_door
        refusal = first_refusal(visit, AT_THE_DOOR if at_the_door else INSIDE)
        if visit.has_token:
            scope["query_string"] = b""  # the server writes the address into its log afterwards
        if refusal is not None:
            answer = self._refused(visit, refusal)
        elif at_the_door:
            answer = self._welcome(visit)
        else:
            answer = RequestBodyLimitMiddleware(self.app, visit.limit)
            scope = _without_secrets(scope)
        await answer(scope, receive, with_headers(send, self.headers, visit.path, SUBPROTOCOL))

    def _refused(self, visit: Visit, refusal: Refusal) -> ASGIApp:
        """The answer to a stranger; on a socket it is sent in place of the handshake."""
        if self.refusals.are_too_many():
            refusal = Refusal(429, "Too many requests were refused within a minute. Wait for a "
                                   f"minute. {OPEN_AGAIN}", (("retry-after", "60"),))
        if visit.is_socket:
            return _close
        if visit.method == "POST":
            told = {"error": {"kind": "Refused", "message": refusal.sentence}}
            return JSONResponse(told, refusal.status, dict(refusal.headers))
        return PlainTextResponse(f"{refusal.sentence}\n", refusal.status, dict(refusal.headers))

    def _welcome(self, visit: Visit) -> Response:
        """The way in: the cookie, and an address that has the page's secret but no token."""
        address = f"/#page={self.keys.page}"
        if own_site(visit) is None:
            answer = Response(status_code=303, headers={"location": address})
        else:
            answer = HTMLResponse(ONWARD.format(address=address))
        answer.set_cookie(cookie_name(self.port), self.keys.cookie, path="/", httponly=True,
                          samesite="strict")
        return answer


async def _close(scope: Scope, receive: Receive, send: Send) -> None:
    """Closing before the handshake is over makes the server answer 403."""
    await send({"type": "websocket.close", "code": 1008})


def _addresses(hosts: tuple[str, ...], port: int) -> tuple[str, ...]:
    """What a Host header may say."""
    names = [f"[{host}]" if ":" in host else host.lower() for host in hosts]
    return tuple(f"{name}:{port}" for name in names) + (tuple(names) if port == 80 else ())


def _without_secrets(scope: Scope) -> Scope:
    """The request as the app behind sees it: no trace that it could print holds a secret."""
    kept = [(name, value) for name, value in scope["headers"]
            if name.lower() not in SECRET_HEADERS]
    scope = {**scope, "headers": kept}
    if scope["type"] == "websocket":
        scope["subprotocols"] = [SUBPROTOCOL]
    return scope
