"""The model card of a model that was trained here."""

from collections.abc import Mapping, Sequence

from cutaway.models.config import ModelConfig
from cutaway.train.data import Source
from cutaway.train.plan import Plan
from cutaway.train.validate import Loss


def model_card(name: str, config: ModelConfig, plan: Plan, *, kind: str,
               sources: Sequence[Source], losses: Mapping[str, Loss], stream_tokens: int) -> str:
    """What a reader must know of a model: shape, data, training, loss. Markdown.

    kind  the architecture's name
    """
    tokens = plan.steps * plan.batch * config.n_positions
    return "\n".join([
        f"# {name}", "",
        f"A {kind} of {config.n_layer} blocks, {config.n_head} heads, {config.n_embd} wide, "
        f"with {config.n_positions} positions and a vocabulary of {config.vocab_size:,} tokens.",
        "",
        "## Data", "",
        "| source | documents | characters | times a pass |", "|---|---:|---:|---:|",
        *[f"| {source.name} | {len(source.documents):,} | "
          f"{sum(map(len, source.documents)):,} | {source.repeats} |" for source in sources], "",
        "## Training", "",
        f"{plan.steps:,} steps of {plan.batch} windows of {config.n_positions} tokens: "
        f"{tokens:,} tokens, {tokens / stream_tokens:.2f} passes over the data. "
        f"AdamW, learning rate {plan.rate} after {plan.warmup} steps of warm-up, then a cosine "
        f"down to {plan.floor:.0%} of it; weight decay {plan.weight_decay}; seed {plan.seed}; "
        f"products in {plan.precision}.", "",
        "## Validation loss", "",
        loss_table(losses), "",
    ])


def loss_table(losses: Mapping[str, Loss]) -> str:
    """The losses by source as a Markdown table."""
    return "\n".join([
        "| held-out text | tokens | nats a token | bits a byte |", "|---|---:|---:|---:|",
        *[f"| {name} | {loss.tokens:,} | {loss.loss_nats:.4f} | {loss.bits_a_byte:.4f} |"
          for name, loss in losses.items()]])
