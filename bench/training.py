"""Training beside a nanoGPT-like loop, compiled and not, and Hugging Face's model.

    python bench/training.py --rounds 5

The shape of the bundled model (6 blocks, 192 wide, 6 heads, 256 positions, vocabulary 4,096),
batches of 16 windows. All begin with the same weights and read the same batches in the same
order, with the same AdamW and clipping, so their losses must be equal; float32 on a CPU with two
threads, bfloat16 on a GPU with `--device cuda`. Each side lives in a process of its own and
takes a few steps whenever it is its turn. The limit is what the products alone would allow at the
speed of this machine's matrix product, measured between the rounds.
"""

import argparse
import json
import multiprocessing
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cutaway.models.config import Config
from cutaway.models.gpt2_record import fresh_weights
from cutaway.train.data import Windows, batch_at
from cutaway.train.loop import begin, train
from cutaway.train.plan import Plan
from cutaway.train.speed import choose_speed, flops_a_token
from cutaway.train.utilisation import peak_flops

sys.path[:0] = [str(Path(__file__).parent)]  # for nanogpt.py, also in the sides' processes

SIDES = ("cutaway", "nanoGPT-like, compiled", "nanoGPT-like", "Hugging Face")
CONFIG = Config(vocab_size=4096, n_positions=256, n_embd=192, n_layer=6, n_head=6)
N_STEPS = 1000  # planned, for the learning rate; so many are not taken
STEPS_A_TURN = 2
N_COMPARED = 10


def plan_for(device: str) -> Plan:
    return Plan(steps=N_STEPS, precision="float32" if device == "cpu" else "bfloat16")


def windows() -> Windows:
    """Random tokens of uneven frequency, so that there is something to learn at once."""
    random = np.random.default_rng(0)
    stream = np.minimum(random.zipf(1.3, 500_000), CONFIG.vocab_size) - 1
    return Windows(stream.astype(np.uint16), CONFIG.n_positions, CONFIG.n_positions)


# ---- The sides: each yields the loss of one step after the other ---------------------------

def cutaway_steps(device: str) -> Iterator[float]:
    plan = plan_for(device)
    arrays = fresh_weights(CONFIG, np.random.default_rng(0))
    speed = choose_speed(CONFIG, plan, device, "yes")
    for step in train(begin(CONFIG, plan, arrays, device, speed=speed), windows()):
        yield step.loss_nats


def by_hand(model: torch.nn.Module, loss_of: Callable[..., torch.Tensor],
            device: str) -> Iterator[float]:
    """The loop as one writes it by hand."""
    plan, data = plan_for(device), windows()
    tables = [weight for weight in model.parameters() if weight.ndim >= 2]
    rows = [weight for weight in model.parameters() if weight.ndim < 2]
    optimizer = torch.optim.AdamW([{"params": tables, "weight_decay": plan.weight_decay},
                                   {"params": rows, "weight_decay": 0.0}],
                                  lr=plan.rate, betas=plan.betas, fused=True)
    half = nullcontext() if device == "cpu" else torch.autocast("cuda", torch.bfloat16)
    for step in range(plan.steps):
        window = torch.from_numpy(batch_at(data, step, plan.batch, plan.seed)).to(device)
        for group in optimizer.param_groups:
            group["lr"] = plan.rate_at(step)
        with half:
            loss = loss_of(window[:, :-1], window[:, 1:])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        optimizer.step()
        yield loss.item()


def nanogpt_steps(device: str, compiled: bool) -> Iterator[float]:
    from nanogpt import NanoGPT

    arrays = fresh_weights(CONFIG, np.random.default_rng(0))
    model = NanoGPT(CONFIG.vocab_size, CONFIG.n_positions, CONFIG.n_embd, CONFIG.n_layer,
                    CONFIG.n_head).load(arrays).to(device)
    return by_hand(model, torch.compile(model) if compiled else model, device)


def hugging_face_steps(device: str) -> Iterator[float]:
    from transformers import GPT2Config, GPT2LMHeadModel

    model = GPT2LMHeadModel(GPT2Config(
        vocab_size=CONFIG.vocab_size, n_positions=CONFIG.n_positions, n_embd=CONFIG.n_embd,
        n_layer=CONFIG.n_layer, n_head=CONFIG.n_head, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
        bos_token_id=0, eos_token_id=0))
    arrays = fresh_weights(CONFIG, np.random.default_rng(0))
    endings = {"_g": ".weight", "_w": ".weight", "_b": ".bias"}
    with torch.no_grad():
        for name, array in arrays.items():
            ours = name.replace("attn_c_proj", "attn.c_proj").replace("mlp_c_proj", "mlp.c_proj")
            ours = ours.replace("c_attn", "attn.c_attn").replace("c_fc", "mlp.c_fc")
            theirs = ours[:-2].replace("h", "h.", 1) if ours[0] == "h" else ours[:-2]
            place = f"{name}.weight" if name in ("wte", "wpe") else theirs + endings[name[-2:]]
            model.transformer.get_parameter(place).copy_(torch.from_numpy(array))
    model.to(device).train()

    def loss_of(ids: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        logits = model(ids).logits.float()
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())

    return by_hand(model, loss_of, device)


def steps_of(side: str, device: str) -> Iterator[float]:
    if side == "cutaway":
        return cutaway_steps(device)
    if side == "Hugging Face":
        return hugging_face_steps(device)
    return nanogpt_steps(device, compiled=side.endswith("compiled"))


def live(side: str, device: str, threads: int, pipe: Any) -> None:
    """One side's process: takes as many steps as it is told, and says how long they took."""
    torch.set_num_threads(threads)
    if device != "cpu":
        torch.set_float32_matmul_precision("high")
    steps = steps_of(side, device)
    while count := pipe.recv():
        started = time.perf_counter()
        losses = [next(steps) for _ in range(count)]
        seconds = time.perf_counter() - started
        memory = peak_bytes() if device == "cpu" else torch.cuda.max_memory_allocated()
        pipe.send((losses, seconds, memory))


def peak_bytes() -> int:
    """The most memory that this process has held.

    `getrusage` counts what its parent held when it began: Linux says the process's own as VmHWM.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# ---- The comparison -------------------------------------------------------------------------

def product_flops(device: str) -> float:
    """Floating-point operations a second of one large float32 (on a GPU bfloat16) product."""
    size, kind = (1536, torch.float32) if device == "cpu" else (8192, torch.bfloat16)
    a = torch.randn(size, size, device=device, dtype=kind)
    best = float("inf")
    for _ in range(6):
        started = time.perf_counter()
        product = a @ a
        product[0, 0].item()  # on a GPU: wait for it
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best


def measure(rounds: int, device: str = "cpu", threads: int = 2,
            sides: tuple[str, ...] = SIDES) -> dict[str, Any]:
    """All sides in turn, round by round, forth and back.

    returns  for JSON: tokens a second of each side (median, least, most), the ratio of the first
             side to each (median, least, most, by rounds), losses, bytes of memory, the limit
    """
    torch.set_num_threads(threads)
    context = multiprocessing.get_context("spawn")
    pipes, processes = {}, []
    for side in sides:
        pipes[side], theirs = context.Pipe()
        processes.append(context.Process(target=live, args=(side, device, threads, theirs),
                                         daemon=True))
        processes[-1].start()
    losses: dict[str, list[float]] = {side: [] for side in sides}
    speeds: dict[str, list[float]] = {side: [] for side in sides}
    memory, products = {}, []
    tokens = plan_for(device).batch * CONFIG.n_positions
    warming = max(0, N_COMPARED - rounds * STEPS_A_TURN) + 2
    for number in range(-1, rounds):
        count = STEPS_A_TURN if number >= 0 else warming
        for side in (sides if number % 2 else sides[::-1]):
            pipes[side].send(count)
            found, seconds, memory[side] = pipes[side].recv()
            losses[side] += found
            if number >= 0:
                speeds[side].append(count * tokens / seconds)
        products.append(product_flops(device))
    for side in sides:
        pipes[side].send(0)
    for process in processes:
        process.join()
    return record(losses, speeds, memory, products, device)


def record(losses: dict[str, list[float]], speeds: dict[str, list[float]],
           memory: dict[str, int], products: list[float], device: str) -> dict[str, Any]:
    ours = next(iter(speeds))
    ratios = {side: spread([a / b for a, b in zip(speeds[ours], found, strict=True)])
              for side, found in speeds.items() if side != ours}
    peak = None if device == "cpu" else peak_flops(torch.cuda.get_device_name(), "bfloat16")
    median = {side: statistics.median(found) for side, found in speeds.items()}
    return {
        "tokens_a_second": {side: spread(found) for side, found in speeds.items()},
        "ratio_to": ratios,
        "losses": losses,
        "largest_difference": {side: max(abs(a - b) for a, b in zip(
            losses[ours], found, strict=True)) for side, found in losses.items()},
        "memory_bytes": memory,
        "limit_tokens_a_second": max(products) / flops_a_token(CONFIG),
        "product_flops": max(products),
        "utilisation": peak and {side: flops_a_token(CONFIG) * speed / peak
                                 for side, speed in median.items()},
        "device": platform.processor() if device == "cpu" else torch.cuda.get_device_name(),
    }


def spread(numbers: list[float]) -> dict[str, float]:
    return {"median": statistics.median(numbers), "least": min(numbers), "most": max(numbers)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sides", nargs="*", default=SIDES, choices=SIDES)
    parser.add_argument("--json", type=Path, help="write the records there as well")
    options = parser.parse_args()
    found = measure(options.rounds, options.device, options.threads, tuple(options.sides))
    if options.json:
        options.json.write_text(json.dumps(found), encoding="utf-8")
    limit = found["limit_tokens_a_second"]
    print(f"{'':24} tokens/s   least    most  of limit   cutaway is   least  most  memory MiB")
    for side, speed in found["tokens_a_second"].items():
        ratio = found["ratio_to"].get(side, spread([1.0]))
        print(f"{side:24} {speed['median']:8,.0f} {speed['least']:7,.0f} {speed['most']:7,.0f} "
              f"{speed['median'] / limit:9.0%} {ratio['median']:10.3f} x {ratio['least']:7.3f} "
              f"{ratio['most']:5.3f} {found['memory_bytes'][side] / 2**20:11,.0f}")
    print(f"{'limit':24} {limit:8,.0f}   at {found['product_flops'] / 1e9:,.0f} GFLOP/s")
    if found["utilisation"]:
        print("utilisation", {side: f"{share:.1%}" for side, share in found["utilisation"].items()})
    print("\nlosses of the first steps, nats a token")
    for side, losses in found["losses"].items():
        print(f"{side:24}", *(f"{loss:.5f}" for loss in losses[:N_COMPARED]),
              f"  largest difference {found['largest_difference'][side]:.1e}")


if __name__ == "__main__":
    main()
