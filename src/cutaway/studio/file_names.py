"""The names of dropped files: what is safe to write, and what Cutaway has a use for."""

import re
import unicodedata
from collections.abc import Collection
from fnmatch import fnmatchcase

from cutaway.errors import MessageError

MOST_BYTES = 200  # a file system takes 255, and a working file adds a few
PLAIN = "._-+() "
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

WANTED = ("*.csv", "*.zip", "*.safetensors", "*.bin", "*.pt", "*.pth", "*.index",
          "*.data-?????-of-?????", "*.json", "*.txt", "*.bpe", "readme.md")
# What training leaves beside a model's weights, under names that weights could have.
NOT_WEIGHTS = ("training_args.bin", "optimizer.*", "scheduler.*", "rng_state*", "scaler.pt")
READS = ("safetensors, a PyTorch state dict, OpenAI's checkpoint, the workshop's CSV files or a "
         "zip of them, and the config and tokenizer beside them")


def plain_name(text: str) -> str:
    """A dropped file's own name, without its folders, in letters that every disk takes.

        plain_name("gpt2/model.safetensors")     "model.safetensors"
        plain_name("C:\\\\csv\\\\model_wte.csv")     "model_wte.csv"
        plain_name("<b>wte.csv")                 "_b_wte.csv"

    Raises:  MessageError for a name with control characters, for one that is too long, and for
             those that stand for a folder or for a device
    """
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise MessageError(f"{_short(text)}: the name holds a character that no file name may "
                           "hold. Rename the file.")
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", text)[-1])
    name = "".join(letter if letter.isalnum() or letter in PLAIN else "_" for letter in last)
    name = name.lstrip(" ").rstrip(" .")
    if not name or RESERVED.fullmatch(name):
        raise MessageError(f"{_short(text)} is no name that a file can have on every computer. "
                           "Rename the file.")
    if len(name.encode()) > MOST_BYTES:
        raise MessageError(f"{_short(text)}: the name takes {len(name.encode()):,} bytes; at most "
                           f"{MOST_BYTES} are taken. Give the file a shorter name.")
    return name


def left_out(name: str, names: Collection[str]) -> str:
    """Why a file is not taken; nothing when it is.

    names  all files that were dropped, this one among them
    """
    low = name.casefold()
    if low.startswith("."):
        return "a hidden file, which no model needs"
    if any(fnmatchcase(low, pattern) for pattern in NOT_WEIGHTS):
        return "what training left behind; the model does not need it"
    if not any(fnmatchcase(low, pattern) for pattern in WANTED):
        return f"not needed: Cutaway reads {READS}"
    if fnmatchcase(low, "pytorch_model*") and _has_safetensors(names):
        return "not needed: model.safetensors holds the same numbers"
    return ""


def _has_safetensors(names: Collection[str]) -> bool:
    return any(fnmatchcase(name.casefold(), "model*.safetensors") for name in names)


def _short(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 60 else f"{shown[:57]}...'"
