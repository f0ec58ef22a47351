"""A prompt as torch wants it."""

import torch


def to_tensor(ids: list[int]) -> torch.Tensor:
    """Ids as a batch of one."""
    return torch.tensor([ids])
