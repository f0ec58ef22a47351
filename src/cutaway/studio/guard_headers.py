"""What the guard adds to every answer, and how it counts those whom it refused."""

import time
from collections.abc import Callable

from starlette.types import Message, Send

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
