"""The loss of our training beside that of a plain loop around Hugging Face's GPT-2.

    python -m bench.training_loss STORIES --steps 200

Same tokens in the same order, same shape, same steps, same settings, random weights of each one's
own. The peer's loop is written here as anyone would: no line of it is Cutaway's but the batches.
Prints the losses on held-out text side by side, and their ratio. 3,400 steps are the bundled
model's whole training: about an hour for each side on two cores.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel

from cutaway import open_model
from cutaway.train.data import Windows, batch_at, token_stream
from cutaway.train.loop import begin, train
from cutaway.train.plan import Plan
from cutaway.train.pretrain import ORDER_SEED
from cutaway.train.validate import HeldOut, validate

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from storybook import SHAPE, read_sources


def peer_loop(windows: Windows, plan: Plan) -> GPT2LMHeadModel:
    """Hugging Face's model, trained by hand."""
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(
        vocab_size=SHAPE.vocab_size, n_positions=SHAPE.n_positions, n_embd=SHAPE.n_embd,
        n_layer=SHAPE.n_layer, n_head=SHAPE.n_head, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
        bos_token_id=SHAPE.vocab_size - 1, eos_token_id=SHAPE.vocab_size - 1))
    tables = [weight for weight in model.parameters() if weight.ndim >= 2]
    rows = [weight for weight in model.parameters() if weight.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": tables, "weight_decay": plan.weight_decay},
         {"params": rows, "weight_decay": 0.0}], lr=plan.rate, betas=plan.betas)
    for step in range(plan.steps):
        window = torch.from_numpy(batch_at(windows, step, plan.batch, plan.seed))
        for group in optimizer.param_groups:
            group["lr"] = plan.rate_at(step)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(window[:, :-1]).logits
        loss = functional.cross_entropy(logits.float().flatten(0, 1), window[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        optimizer.step()
        optimizer.zero_grad()
        if step % 50 == 0:
            print(f"peer step {step}: {loss.item():.4f}", flush=True)
    return model


def peer_loss(model: GPT2LMHeadModel, ids: np.ndarray) -> float:
    """The mean loss in nats a token over windows without overlap."""
    length, total = SHAPE.n_positions, 0.0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, length):
            window = torch.from_numpy(ids[start:start + length + 1])[None]
            logits = model.eval()(window[:, :-1]).logits
            total += functional.cross_entropy(logits[0], window[0, 1:], reduction="sum").item()
    return total / (len(ids) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stories", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    storybook = open_model()
    tokenizer, end = storybook.tokenizer, storybook.tokenizer.end_of_text
    sources, held_out = read_sources(arguments.stories)
    stream = token_stream(sources, tokenizer.encode, end, np.random.default_rng(ORDER_SEED))
    windows = Windows(stream, SHAPE.n_positions, SHAPE.n_positions)
    texts = {source.name: HeldOut.of(source.documents, tokenizer.encode, end)
             for source in held_out}
    plan = Plan(steps=arguments.steps, precision="bfloat16")

    ours = begin(storybook.config, plan)
    for record in train(ours, windows):
        if record.step % 50 == 1:
            print(f"ours step {record.step - 1}: {record.loss_nats:.4f}", flush=True)
    peer = peer_loop(windows, plan)

    print(f"{'held-out text':24} {'ours':>8} {'peer':>8} {'ratio':>7}   nats a token")
    for name, loss in validate(ours.module, texts).items():
        if name == "all":
            predicted = sum(len(text.ids) - 1 for text in texts.values())
            theirs = sum(peer_loss(peer, text.ids) * (len(text.ids) - 1)
                         for text in texts.values()) / predicted
        else:
            theirs = peer_loss(peer, texts[name].ids)
        print(f"{name:24} {loss.loss_nats:8.4f} {theirs:8.4f} {loss.loss_nats / theirs:7.4f}")


if __name__ == "__main__":
    main()
