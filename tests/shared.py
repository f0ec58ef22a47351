"""The texts for training and testing that lie beside a checkout, never in it."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("CUTAWAY_SHARED", Path(__file__).parents[2] / "shared")) / "data"


def shared_data(name: str) -> Path:
    """The path of one of the shared texts; skips the test, saying why, where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not here: put the shared texts into ../shared, "
                    "or name their folder in CUTAWAY_SHARED")
    return path
