"""What every model's configuration tells, and GPT-2's: five counts and one small number."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from cutaway.errors import ConfigError


class ModelConfig(Protocol):
    """The shape of one model, of whatever architecture. A frozen dataclass that checks itself.

    Each architecture has a class of its own, with a default for every field and with what else its
    definition needs: how many heads of keys there are, how wide the MLP is.
    """

    @property
    def vocab_size(self) -> int: ...

    @property
    def n_positions(self) -> int: ...

    @property
    def n_embd(self) -> int: ...

    @property
    def n_layer(self) -> int: ...

    @property
    def n_head(self) -> int: ...

    @property
    def sizes(self) -> dict[str, int]:
        """How long each axis of a weight table is, and how many heads there are."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The fields by our names."""
        ...


@dataclass(frozen=True)
class Config:
    """The shape of one GPT-2. The names are Hugging Face's.

    Raises:  ConfigError when a count is not a whole number of at least 1, or the heads do not
             divide the embedding evenly
    """

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    layer_norm_epsilon: float = 1e-5

    def __post_init__(self):
        for name in ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"):
            count = getattr(self, name)
            if isinstance(count, bool) or not isinstance(count, int) or count < 1:
                raise ConfigError(f"{name} is {count!r}; a whole number of at least 1 is expected.")
        eps = self.layer_norm_epsilon
        if not (isinstance(eps, float) and 0 < eps < 1):
            raise ConfigError(
                f"layer_norm_epsilon is {self.layer_norm_epsilon!r}; "
                f"a number between 0 and 1 is expected (GPT-2 uses 1e-5).")
        if self.n_embd % self.n_head:
            raise ConfigError(
                f"n_embd {self.n_embd} cannot be split evenly into n_head {self.n_head} heads: "
                f"{self.n_embd} / {self.n_head} leaves {self.n_embd % self.n_head}.")

    @property
    def sizes(self) -> dict[str, int]:
        """How long each axis of a weight table is."""
        return {
            "vocabulary": self.vocab_size,
            "position": self.n_positions,
            "embed": self.n_embd,
            "qkv": 3 * self.n_embd,
            "joined": self.n_embd,
            "hidden": 4 * self.n_embd,
            "head": self.n_head,
            "head_embed": self.n_embd // self.n_head,
        }

    def to_dict(self) -> dict:
        """The fields, as they stand in a `config.json`."""
        return asdict(self)


# Source: the hparams.json files that OpenAI published with the four models (2019).
PUBLISHED = {
    "gpt2": Config(n_embd=768, n_layer=12, n_head=12),
    "gpt2-medium": Config(n_embd=1024, n_layer=24, n_head=16),
    "gpt2-large": Config(n_embd=1280, n_layer=36, n_head=20),
    "gpt2-xl": Config(n_embd=1600, n_layer=48, n_head=25),
}
