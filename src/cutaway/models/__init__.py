"""The models that Cutaway states: GPT-2 of any shape."""

from cutaway.models.config import PUBLISHED, Config
from cutaway.models.gpt2 import gpt2

__all__ = ["PUBLISHED", "Config", "gpt2"]
