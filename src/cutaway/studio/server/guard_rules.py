"""What the guard looks at in a request, and the rules by which it decides.

A rule takes a `Visit` and gives the `Refusal`, or None when there is nothing to object to.
`AT_THE_DOOR` and `INSIDE`, at the end, list them all. docs/security.md says what each is for.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import Scope

SUBPROTOCOL = "cutaway"
PAGE_HEADER = "x-cutaway-page"
OWN_NAMES = ("127.0.0.1", "localhost")  # of every machine, whatever it is called
READING = ("GET", "HEAD")
METHODS = (*READING, "POST")
OPEN_AGAIN = "Open the address that Cutaway printed when it started."


@dataclass(frozen=True)
class Keys:
    """The three secrets of one start: 256 bits each, independent, never printed.

    token   in the address that is printed; it opens the door
    cookie  what the browser shows at each request
    page    what only our own page can read, and shows at each request that is more than a look
    """

    token: str = field(repr=False)
    cookie: str = field(repr=False)
    page: str = field(repr=False)

    @classmethod
    def new(cls) -> "Keys":
        """Three fresh secrets."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True)
class Refusal:
    """Why somebody is not let in: the HTTP status, and a sentence that tells no secret."""

    status: int
    sentence: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Visit:
    """One request, beside what it is measured by."""

    scope: Scope
    keys: Keys
    port: int
    addresses: tuple[str, ...]
    body_bytes: int
    upload_bytes: int

    def headers(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value.decode("latin-1") for key, value in self.scope["headers"]
                if key.lower() == name.encode()]

    @property
    def is_socket(self) -> bool:
        return self.scope["type"] == "websocket"

    @property
    def method(self) -> str:
        return self.scope.get("method", "GET")

    @property
    def path(self) -> str:
        return self.scope["path"]

    @property
    def query(self) -> str:
        return self.scope.get("query_string", b"").decode("latin-1")

    @property
    def has_token(self) -> bool:
        return any(name == "token" for name, _ in parse_qsl(self.query, keep_blank_values=True))

    @property
    def is_at_the_door(self) -> bool:
        return (not self.is_socket and self.method == "GET" and self.path == "/"
                and self.query.startswith("token="))

    @property
    def limit(self) -> int:
        """The most bytes that its body may have."""
        return self.upload_bytes if self.path.startswith("/upload/") else self.body_bytes


Rule = Callable[[Visit], Refusal | None]


def cookie_name(port: int) -> str:
    """The cookie's name: all ports of a machine share one jar, so the port is in it."""
    return f"cutaway_{port}"


def own_host(visit: Visit) -> Refusal | None:
    """A foreign name that somebody points at this machine is still a foreign name."""
    found = visit.headers("host")
    if len(found) == 1 and found[0].lower() in visit.addresses:
        return None
    tunnel = (f"If it comes through a tunnel, give both ends the same port: "
              f"ssh -L {visit.port}:127.0.0.1:{visit.port}. "
              if len(found) == 1 and found[0].partition(":")[0] in OWN_NAMES else "")
    return Refusal(403, f"This request is for {_shown(found)}; Cutaway answers only at "
                        f"{' or '.join(visit.addresses)}. {tunnel}{OPEN_AGAIN}")


def own_origin(visit: Visit) -> Refusal | None:
    """A page of another site, or of another port, is refused; changes and sockets must say."""
    found = visit.headers("origin")
    if not found and not visit.is_socket and visit.method in READING:
        return None
    if len(found) == 1 and found == [f"http://{host.lower()}" for host in visit.headers("host")]:
        return None
    return Refusal(403, f"This request comes from {_shown(found)}; Cutaway takes it only from "
                        f"its own page. {OPEN_AGAIN}")


def own_site(visit: Visit) -> Refusal | None:
    """Where the browser says who asks, it is our page, or the person at the keyboard."""
    found = visit.headers("sec-fetch-site")
    if not found or found in (["same-origin"], ["none"]):
        return None
    return Refusal(403, f"The browser says that this request comes from {_shown(found)}; only "
                        f"Cutaway's own page may ask. {OPEN_AGAIN}")


def own_site_or_a_link(visit: Visit) -> Refusal | None:
    """At the door, with the token, a link from elsewhere may lead in: as a page, in no frame."""
    kind = (visit.headers("sec-fetch-mode"), visit.headers("sec-fetch-dest"))
    return None if kind == (["navigate"], ["document"]) else own_site(visit)


def plain_path(visit: Visit) -> Refusal | None:
    """A path begins with one slash, climbs nowhere, and is the whole of the target."""
    path = visit.path
    odd = any(part in (".", "..") for part in path.split("/")) or any(
        letter < " " or letter in "\\\x7f" for letter in path)
    if path.startswith("/") and "//" not in path and not odd and not visit.scope.get("root_path"):
        return None
    return Refusal(400, f"{_shown([path])} is no plain path such as /static/app.js.")


def known_method(visit: Visit) -> Refusal | None:
    """Reading is GET, changing is POST, and there is nothing else."""
    if visit.method in METHODS:
        return None
    return Refusal(405, f"The method is {_shown([visit.method])}; Cutaway knows "
                        f"{', '.join(METHODS)}.", (("allow", ", ".join(METHODS)),))


def right_token(visit: Visit) -> Refusal | None:
    """The door opens for the token alone."""
    if _same(visit.query, f"token={visit.keys.token}"):
        return None
    return Refusal(403, "The key in this address is not the one of this start of Cutaway. "
                        f"{OPEN_AGAIN}")


def token_at_the_door_only(visit: Visit) -> Refusal | None:
    """The token has no business at any other address, not even for those who are inside."""
    if not visit.has_token:
        return None
    return Refusal(403, f"A key was found in an address where none belongs. {OPEN_AGAIN}")


def own_cookie(visit: Visit) -> Refusal | None:
    """The browser has been through the door: exactly one cookie of our name, and the right one."""
    pairs = [pair.strip().partition("=") for line in visit.headers("cookie")
             for pair in line.split(";")]
    found = [value for name, _, value in pairs if name == cookie_name(visit.port)]
    if len(found) == 1 and _same(found[0], visit.keys.cookie):
        return None
    return Refusal(401, "This browser has no key for Cutaway, or one of an earlier start. "
                        f"{OPEN_AGAIN}")


def page_secret(visit: Visit) -> Refusal | None:
    """All but the page's bare files needs the secret that other ports cannot read.

    A cookie goes to every port of a machine, so it proves nothing about who is asking.
    """
    wanted = visit.keys.page
    if visit.is_socket:
        offered = visit.scope.get("subprotocols", ())
        wanted = f"{SUBPROTOCOL}.{wanted}"
        found = [name for name in offered if name != SUBPROTOCOL] if SUBPROTOCOL in offered else []
    elif visit.method in READING and (visit.path == "/" or visit.path.startswith("/static/")):
        return None
    else:
        found = visit.headers(PAGE_HEADER)
    if len(found) == 1 and _same(found[0], wanted):
        return None
    return Refusal(401, "This request does not carry the secret of Cutaway's page. "
                        f"{OPEN_AGAIN}")


def known_content(visit: Visit) -> Refusal | None:
    """A change is JSON, which no form of another site can send; a file is plain bytes."""
    if visit.method != "POST":
        return None
    wanted = ("application/octet-stream" if visit.path.startswith("/upload/")
              else "application/json")
    found = visit.headers("content-type")
    if [kind.partition(";")[0].strip().lower() for kind in found] == [wanted]:
        return None
    return Refusal(415, f"The content is {_shown(found)}; {wanted} is expected.")


def small_body(visit: Visit) -> Refusal | None:
    """The body's size as it is announced; what really arrives is counted as well."""
    found = visit.headers("content-length")
    if not found:
        return None
    if len(found) > 1 or not found[0].isdecimal() or not found[0].isascii():
        return Refusal(400, f"The content's length is {_shown(found)}; a number is expected.")
    digits = found[0].lstrip("0") or "0"
    if len(digits) <= len(str(visit.limit)) and int(digits) <= visit.limit:
        return None
    return Refusal(413, f"The content has {_shown(found)} bytes; at most {visit.limit:,} are "
                        "taken here.")


EVERYWHERE = (own_host, plain_path, known_method, own_origin)
AT_THE_DOOR = (*EVERYWHERE, own_site_or_a_link, small_body, right_token)
INSIDE = (*EVERYWHERE, own_site, token_at_the_door_only, own_cookie, page_secret,
          known_content, small_body)


def first_refusal(visit: Visit, rules: tuple[Rule, ...]) -> Refusal | None:
    """What the first of the rules says that is broken, or None."""
    return next((refusal for rule in rules if (refusal := rule(visit)) is not None), None)


def _same(found: str, secret: str) -> bool:
    """Equal, in a time that does not tell how much of it is."""
    return hmac.compare_digest(found.encode("utf-8", "backslashreplace"), secret.encode())


def _shown(found: list[str]) -> str:
    """What was found, short and in plain letters."""
    text = " and ".join(map(ascii, found))
    return "nothing" if not found else text if len(text) <= 100 else text[:97] + "..."
