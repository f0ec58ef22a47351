"""The models that Cutaway states. `gpt2.py` is all of GPT-2; `config.py` is its shape.

`architecture.py` says what a record of an architecture holds, `gpt2_record.py` is GPT-2's.
"""

from cutaway.errors import ConfigError
from cutaway.models.architecture import Architecture
from cutaway.models.gpt2_record import GPT2

# Every architecture that can be opened, by its model_type in a config.json.
ARCHITECTURES: dict[str, Architecture] = {GPT2.model_type: GPT2}


def architecture_of(model_type: str) -> Architecture:
    """The architecture that a `config.json` calls so.

    Raises:  ConfigError when there is none, with those that there are
    """
    if model_type not in ARCHITECTURES:
        raise ConfigError(f"There is no architecture {model_type!r}. "
                          f"There are: {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[model_type]


def architecture_names() -> str:
    """What Cutaway opens, as a sentence has it: "GPT-2"."""
    *others, last = [architecture.name for architecture in ARCHITECTURES.values()]
    return f"{', '.join(others)} and {last}" if others else last


def published() -> dict[str, str]:
    """The models that were published, by name, each with its repository on the hub."""
    return {name: f"{architecture.publisher}/{name}" for architecture in ARCHITECTURES.values()
            for name in architecture.published}
