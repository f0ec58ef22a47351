"""The page as one HTML file that is read from the disk: no server, no request, nothing to change.

    text = page_html(snapshot)

A snapshot is a plain dict. What the server knows:

    model, prompt, tokens, n_prompt, prediction, prediction_before, moved, edited, rewritten,
    operations       as in the state that the page is pushed
    changes          those in force, each with its "words"
    cells            {"cell", "kind", "name", "source"}
    shown            {"table", "select"}: what is looked at first
    saved            words: when, and by which version

and what the worker adds (`cutaway.studio.worker.verbs.snapshot`):

    tables           [{"name", "kind", "number", "formula", "explanation", "shape_words", "axes",
                     "shape", "whole", "cut", "labels", "numbers", ...}]; numbers are float32 in
                     base64, `shape` is what is here and `whole` what there was
    vocabulary       [{"id", "text"}]: the tokens that tables of the vocabulary were cut to
    left_out         [{"name", "bytes"}]: tables that there was no room for
    weights          {"count", "parameters"}: the model's own numbers, which are never here
    results          by cell: {"state", "message", "line", "shape_words", "text", "table"}

The file allows itself its own script and style, by their checksums, and nothing else. Data stands
in it as JSON in which no sign can end the script block, and is drawn as text.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from cutaway.words import in_one_line

SCRIPTS = ("data.js", "grid.js", "parts.js", "viewer.js")
STYLES = ("style/colours.css", "style/base.css", "share/viewer.css")
FONTS = {("Sans", 400): "ibm-plex-sans-latin-400-normal.woff2",
         ("Sans", 600): "ibm-plex-sans-latin-600-normal.woff2",
         ("Mono", 400): "ibm-plex-mono-latin-400-normal.woff2"}
IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="page"></div>
<noscript><p>{title}. The tables in this file are drawn by its own JavaScript, which is switched \
off here. The file asks no server for anything.</p></noscript>
<script type="application/json" id="snapshot">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page_html(snapshot: Mapping[str, Any]) -> str:
    """The text of the file."""
    script, style = _script(), _style()
    policy = "; ".join([
        "default-src 'none'", f"script-src {_checksum(script)}", f"style-src {_checksum(style)}",
        "font-src data:", "base-uri 'none'", "form-action 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'"])
    model, prompt = in_one_line(snapshot["model"]["name"], 60), in_one_line(snapshot["prompt"], 60)
    title = f"Cutaway: {model} on “{prompt}”"
    return PAGE.format(policy=policy, title=escape(title), style=style, script=script,
                       data=_data(snapshot))


def _script() -> str:
    """The modules of the viewer as one, in their order; each imports from those before it."""
    return "\n" + "\n".join(EXPORT.sub("", IMPORT.sub("", _static(f"share/{name}")))
                            for name in SCRIPTS)


def _style() -> str:
    fonts = "".join(
        f'@font-face {{ font-family: "IBM Plex {family}"; font-weight: {weight}; '
        f'src: url("data:font/woff2;base64,{_font(file)}") format("woff2"); }}\n'
        for (family, weight), file in FONTS.items())
    return "\n" + fonts + "\n".join(map(_static, STYLES))


def _static(name: str) -> str:
    return files("cutaway.studio").joinpath("static", name).read_text(encoding="utf-8")


def _font(name: str) -> str:
    file = files("cutaway.studio").joinpath("static", "vendor", "fonts", name)
    return b64encode(file.read_bytes()).decode("ascii")


def _checksum(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


def _data(snapshot: Mapping[str, Any]) -> str:
    """The snapshot as JSON that holds no sign that HTML knows."""
    text = json.dumps(snapshot, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
