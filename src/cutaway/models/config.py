"""What every model's configuration tells, and GPT-2's: five counts, one small number, variants."""

from dataclasses import dataclass, fields
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


ACTIVATIONS = ("gelu_new", "gelu", "relu", "quick_gelu", "silu")
BIASES = ("ln_1_b", "c_attn_b", "attn_c_proj_b", "ln_2_b", "c_fc_b", "mlp_c_proj_b", "ln_f_b")
VARIANTS = ("n_inner", "activation_function", "tie_word_embeddings", "scale_attn_weights",
            "scale_attn_by_inverse_layer_idx", "missing_biases")


@dataclass(frozen=True)
class Config:
    """The shape of one GPT-2. The names are Hugging Face's, but the last.

    From `n_inner` on they say what a relative of GPT-2 calculates otherwise: `gpt2_variants.py`.

    n_inner         how wide the MLP is; None for four times n_embd
    missing_biases  our names of the biases that it does not have
    Raises:  ConfigError when a count is not a whole number of at least 1, or the heads do not
             divide the embedding evenly; for a curve or a bias that there is not
    """

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    layer_norm_epsilon: float = 1e-5
    n_inner: int | None = None
    activation_function: str = "gelu_new"
    tie_word_embeddings: bool = True
    scale_attn_weights: bool = True
    scale_attn_by_inverse_layer_idx: bool = False
    missing_biases: tuple[str, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "missing_biases", _checked_biases(self.missing_biases))
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
        self._check_variant()
        if self.n_inner == 4 * self.n_embd:
            object.__setattr__(self, "n_inner", None)

    def _check_variant(self) -> None:
        if self.activation_function not in ACTIVATIONS:
            raise ConfigError(f"activation_function is {self.activation_function!r}; one of "
                              f"{', '.join(ACTIVATIONS)} is expected.")
        for name in ("tie_word_embeddings", "scale_attn_weights",
                     "scale_attn_by_inverse_layer_idx"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name} is {getattr(self, name)!r}; true or false is expected.")
        wide = self.n_inner
        if wide is not None and (isinstance(wide, bool) or not isinstance(wide, int) or wide < 1):
            raise ConfigError(f"n_inner is {wide!r}; a whole number of at least 1 is expected, or "
                              "null for four times n_embd.")

    @property
    def sizes(self) -> dict[str, int]:
        """How long each axis of a weight table is."""
        return {
            "vocabulary": self.vocab_size,
            "position": self.n_positions,
            "embed": self.n_embd,
            "qkv": 3 * self.n_embd,
            "joined": self.n_embd,
            "hidden": self.n_inner or 4 * self.n_embd,
            "head": self.n_head,
            "head_embed": self.n_embd // self.n_head,
        }

    def to_dict(self) -> dict:
        """The fields, as they are in a `config.json`: of the variants, those that GPT-2 is not."""
        return {one.name: getattr(self, one.name) for one in fields(self)
                if one.name not in VARIANTS or getattr(self, one.name) != one.default}


def _checked_biases(names: object) -> tuple[str, ...]:
    """The names of biases in a fixed order.  Raises:  ConfigError"""
    if not isinstance(names, list | tuple) or any(name not in BIASES for name in names):
        raise ConfigError(f"missing_biases is {names!r}; some of {', '.join(BIASES)} are expected.")
    return tuple(bias for bias in BIASES if bias in names)


# Source: the hparams.json files that OpenAI published with the four models (2019).
PUBLISHED = {
    "gpt2": Config(n_embd=768, n_layer=12, n_head=12),
    "gpt2-medium": Config(n_embd=1024, n_layer=24, n_head=16),
    "gpt2-large": Config(n_embd=1280, n_layer=36, n_head=20),
    "gpt2-xl": Config(n_embd=1600, n_layer=48, n_head=25),
}
