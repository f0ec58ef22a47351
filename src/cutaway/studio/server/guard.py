"""The guard in front of HTTP and WebSocket: whoever is not known is refused.

    app = Guard(app, Keys.new(), port=8765)

Its rules are in guard_rules.py, one function each. docs/security.md says what each is for.
"""

import time
from collections.abc import Callable

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cutaway.errors import StudioError
from cutaway.studio.server.guard_rules import (
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
MOST_REFUSALS = 100
SECONDS = 60.0
CLOSED_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media",
    "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking")


def policy(addresses: tuple[str, ...]) -> dict[bytes, bytes]:
    """The headers of every answer: what the browser itself shall refuse on our page.

    addresses  where the page may open its socket: names or numbers with the port
    """
    # A policy has no way to write an IPv6 number; newer browsers read 'self' as the socket too.
    sockets = " ".join(f"ws://{address}" for address in addresses if "[" not in address)
    content = "; ".join([
        "default-src 'none'",  # frames, objects, media: nothing that is not named below
        "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'",
        f"connect-src 'self' {sockets}",
        "frame-src 'none'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'"])  # text never becomes HTML
    return {
        b"content-security-policy": content.encode(),
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"no-referrer",
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
        b"cross-origin-embedder-policy": b"require-corp",
        b"permissions-policy": ", ".join(f"{name}=()" for name in CLOSED_FEATURES).encode(),
    }


def with_headers(send: Send, headers: dict[bytes, bytes], path: str, subprotocol: str) -> Send:
    """A `send` whose answers carry these headers, and never a word that other sites may read them.

    The files below /static may be kept when the server is asked each time; all else is not kept.
    A socket is accepted under `subprotocol`, whatever was offered beside it.
    """
    kept = b"no-cache" if path.startswith("/static/") else b"no-store"
    headers = {**headers, b"cache-control": kept}

    async def send_guarded(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message = {**message, "headers": [*_others(message, headers), *headers.items()]}
        elif message["type"] == "websocket.accept":
            message = {**message, "headers": _others(message, headers), "subprotocol": subprotocol}
        await send(message)

    return send_guarded


def _others(message: Message, headers: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The answer's own headers, less those that the guard sets or does not allow."""
    return [(name, value) for name, value in message.get("headers", ())
            if name.lower() not in headers and not name.lower().startswith(b"access-control-")]


class Refusals:
    """How many were refused within a minute: one number, however many there are."""

    def __init__(self, most: int = MOST_REFUSALS, seconds: float = SECONDS,
                 clock: Callable[[], float] = time.monotonic):
        self.most, self.seconds, self.clock = most, seconds, clock
        self.since, self.count = clock(), 0

    def are_too_many(self) -> bool:
        """True when this one, which is counted, is more than a minute may have."""
        now = self.clock()
        if now - self.since >= self.seconds:
            self.since, self.count = now, 0
        self.count += 1
        return self.count > self.most


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
            answer = {"error": {"kind": "Refused", "message": refusal.sentence}}
            return JSONResponse(answer, refusal.status, dict(refusal.headers))
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
