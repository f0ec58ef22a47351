"""The model card of a model that was trained here."""

from collections.abc import Mapping, Sequence

from cutaway.models.config import ModelConfig
from cutaway.train.data import Source
from cutaway.train.grown import GrownFrom
from cutaway.train.plan import Plan
from cutaway.train.validate import Loss


def model_card(name: str, config: ModelConfig, plan: Plan, *, kind: str,
               sources: Sequence[Source], losses: Mapping[str, Loss], stream_tokens: int,
               grown_from: GrownFrom | None = None) -> str:
    """What a reader must know of a model: shape, data, training, loss. Markdown.

    kind        the architecture's name
    grown_from  the model that its training began with
    """
    length = plan.length or config.n_positions
    tokens = plan.steps * plan.batch * length
    return "\n".join([
        f"# {name}", "",
        f"A {kind} of {config.n_layer} blocks, {config.n_head} heads, {config.n_embd} wide, "
        f"with {config.n_positions} positions and a vocabulary of {config.vocab_size:,} tokens.",
        "",
        *(_origin(grown_from) if grown_from else []),
        "## Data", "",
        "| source | documents | characters | times a pass |", "|---|---:|---:|---:|",
        *[f"| {source.name} | {len(source.documents):,} | "
          f"{sum(map(len, source.documents)):,} | {source.repeats} |" for source in sources], "",
        "## Training", "",
        f"{plan.steps:,} steps of {plan.batch} windows of {length} tokens: "
        f"{tokens:,} tokens, {tokens / stream_tokens:.2f} passes over the data. "
        f"AdamW, learning rate {plan.rate} after {plan.warmup} steps of warm-up, then a cosine "
        f"down to {plan.floor:.0%} of it; weight decay {plan.weight_decay}; seed {plan.seed}; "
        f"products in {plan.precision}.", "",
        "## Validation loss", "",
        loss_table(losses), "",
        *(["Before, as the losses of the model that it grew from:", "",
           loss_table(grown_from.losses), ""] if grown_from else []),
    ])


def _origin(grown: GrownFrom) -> list[str]:
    """The section that names the model whose weights the training began with."""
    files = f" from {', '.join(grown.files)}, SHA-256 `{grown.sha256}`" if grown.files else ""
    return ["## Grown from", "",
            f"The training began with the {grown.parameters:,} weights of `{grown.name}`{files}, "
            "whose tokenizer it has kept. What that model learned from, its own card says.", ""]


def loss_table(losses: Mapping[str, Loss]) -> str:
    """The losses by source as a Markdown table."""
    return "\n".join([
        "| held-out text | tokens | nats a token | bits a byte |", "|---|---:|---:|---:|",
        *[f"| {name} | {loss.tokens:,} | {loss.loss_nats:.4f} | {loss.bits_a_byte:.4f} |"
          for name, loss in losses.items()]])
