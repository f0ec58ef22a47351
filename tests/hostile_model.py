"""A tiny model whose tokens, tensors, files and folders are named by somebody who means harm."""

from pathlib import Path

import numpy as np

from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.tokenizer import Tokenizer
from cutaway.weights import export_huggingface

TITLE = "\x1b]0;owned\x07"           # a terminal: sets the window's title
C1_TITLE = "\x9d0;owned\x9c"         # the same in one-byte commands
WORDS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1+1", "＝1+1", "=cmd|'/c calc'!A1", "a;=1+1",
    "<img src=x onerror=attacked()>", "</script><script>attacked()</script>", "<!--<script>",
    "'\"><svg onload=attacked()>", "{{7*7}}${7*7}", "&lt;b&gt;", "_x0041_", "<0x0A>",
    "'", '"', "'''", '"""', "\\", "'; DROP TABLE vocabulary; --", "*/ DROP TABLE vocabulary; /*",
    TITLE, C1_TITLE, "\x1b[2J", "\x1b[31mred", "\x1bP+q544e\x1b\\", "\b\b\bbackspace", "\x7f", "\0",
    "line\nbreak", "carriage\rreturn", "\u202egnp.exe", "\u2066isolated\u2069", "\u200fright",
    "\u2028separator", "\ufeffmark", "\uffff", "$(reboot)`reboot`"]
FOLDER = "=1+1 \x1b]0;owned\x07 <img src=x onerror=attacked()> '\"; \u202egnp"
PROMPT = "=1+1<b>\x1b]0;owned\x07\u202e"


def write_hostile_model(place: Path) -> Path:
    """A model of 2 blocks, 8 wide, in a folder and with tokens of such names."""
    folder = place / FOLDER
    tokenizer = Tokenizer.from_merges(_merges(WORDS))
    config = Config(len(tokenizer), n_positions=64, n_embd=8, n_layer=2, n_head=2)
    random = np.random.default_rng(1)
    arrays = {name: random.normal(0, 0.7, [config.sizes[axis] for axis in axes]).astype(np.float32)
              for name, axes in gpt2(config).weights.items()}
    export_huggingface(config, arrays, None, folder)
    tokenizer.save(folder)
    return folder


def _merges(words: list[str]) -> list[tuple[bytes, bytes]]:
    """Merges that make one token of each of the words, byte by byte from the left."""
    merges: dict[tuple[bytes, bytes], None] = {}
    for word in words:
        data = word.encode()
        for end in range(1, len(data)):
            merges[data[:end], data[end:end + 1]] = None
    return list(merges)
