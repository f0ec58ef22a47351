"""How much of a GPU's speed a training run uses: model-FLOP utilisation."""

import torch

from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.train.speed import flops_a_token

# Dense products a second, without sparsity, in bfloat16 and (TF32) float32. Source: the makers'
# data sheets; of several forms the fastest (SXM). A GPU that is not named here gets no figure.
PEAKS = {
    "H200": {"bfloat16": 989e12, "float32": 494e12},
    "H100": {"bfloat16": 989e12, "float32": 494e12},
    "A100": {"bfloat16": 312e12, "float32": 156e12},
    "L40S": {"bfloat16": 362e12, "float32": 183e12},
    "L4": {"bfloat16": 121e12, "float32": 60e12},
    "RTX 4090": {"bfloat16": 165e12, "float32": 83e12},
    "RTX 3090": {"bfloat16": 71e12, "float32": 36e12},
}


def peak_flops(name: str, precision: str) -> float | None:
    """The most that a GPU of that name calculates in a second; None where it is not known."""
    words = name.replace("-", " ")
    for gpu, peaks in PEAKS.items():
        if f" {gpu} " in f" {words} ":
            return peaks[precision]
    return None


def utilisation(config: ModelConfig, precision: str, tokens_a_second: float, device: torch.device,
                *, architecture: Architecture = GPT2) -> float | None:
    """The share of one GPU's speed that the model's own calculation takes; None elsewhere."""
    if device.type != "cuda":
        return None
    peak = peak_flops(torch.cuda.get_device_name(device), precision)
    return flops_a_token(config, architecture) * tokens_a_second / peak if peak else None
