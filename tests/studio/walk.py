"""A walk through an app: every route, mount and socket, however deep."""

from dataclasses import dataclass

from starlette.convertors import CONVERTOR_TYPES
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute

FILLINGS = {"int": "1", "float": "1.5", "path": "a/b", "str": "a",
            "uuid": "00000000-0000-4000-8000-000000000000"}


@dataclass(frozen=True)
class Place:
    """Something that can be asked for: a path that leads there, and how."""

    path: str
    method: str
    is_socket: bool = False

    def __str__(self):
        return f"{'SOCKET' if self.is_socket else self.method} {self.path}"


def routes(app):
    """Every Place of an app; of one behind a guard, or in a mount, as well.

    Raises:  TypeError for a kind of route that this walk does not know
    """
    found = _walk(app, "")
    if not found:
        raise TypeError(f"{app!r} has no routes; is it an app of Starlette's?")
    return found


def _walk(app, prefix):
    if isinstance(app, Route):
        methods = app.methods or {"GET", "HEAD", "POST"}
        return [Place(prefix + _filled(app), method) for method in sorted(methods)]
    if isinstance(app, WebSocketRoute):
        return [Place(prefix + _filled(app), "GET", is_socket=True)]
    if isinstance(app, Mount):
        return _walk_mount(app, prefix + _filled(app).removesuffix("/a/b"))
    if isinstance(app, Host):
        return _walk(app.app, prefix)
    if isinstance(app, BaseRoute):
        raise TypeError(f"{app!r} is a route of a kind that this walk does not know.")
    inside = app
    while not hasattr(inside, "routes") and hasattr(inside, "app"):
        inside = inside.app
    return [place for route in getattr(inside, "routes", ()) for place in _walk(route, prefix)]


def _walk_mount(mount, prefix):
    """What is in a mount; an app that does not tell its routes may answer to anything."""
    if mount.routes or hasattr(mount.app, "app"):
        return _walk(mount.app, prefix)
    return [Place(f"{prefix}/a", "GET"), Place(f"{prefix}/a", "POST"),
            Place(f"{prefix}/a", "GET", is_socket=True)]


def _filled(route):
    """The route's path with something in every place that is left open."""
    path = route.path_format
    for name, convertor in route.param_convertors.items():
        kind = next(kind for kind, known in CONVERTOR_TYPES.items() if known is convertor)
        path = path.replace(f"{{{name}}}", FILLINGS[kind])
    return path
