"""The types of messages that the page's code is checked with."""

import runpy
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "message_types.py"


def test_the_types_for_javascript_are_those_of_the_registry():
    tool = runpy.run_path(str(TOOL))
    assert tool["FILE"].read_text(encoding="utf-8") == tool["message_types"](), \
        "run python tools/message_types.py"
