"""The models that come with Cutaway, in its own folder."""

from pathlib import Path

BUNDLED = Path(__file__).parents[1] / "bundled"


def bundled_names() -> list[str]:
    """The names of the models that come with Cutaway."""
    return sorted(config.parent.name for config in BUNDLED.glob("*/config.json"))
