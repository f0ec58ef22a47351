"""A GPT-2 and its training as one writes them by hand in torch, nanoGPT's way: the peer.

Linear layers, fused attention, tied embeddings, fused AdamW, `torch.compile`. Written for the
comparison; no line of it is Cutaway's.
"""

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    def __init__(self, width: int, n_head: int):
        super().__init__()
        self.n_head = n_head
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.attn_c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.mlp_c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shape = (*x.shape[:2], self.n_head, -1)
        q, k, v = (part.view(shape).transpose(1, 2)
                   for part in self.c_attn(self.ln_1(x)).chunk(3, dim=-1))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_c_proj(y.transpose(1, 2).reshape(x.shape))
        up = functional.gelu(self.c_fc(self.ln_2(x)), approximate="tanh")
        return x + self.mlp_c_proj(up)


class NanoGPT(nn.Module):
    def __init__(self, vocabulary: int, n_position: int, width: int, n_block: int, n_head: int):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(n_position, width)
        self.blocks = nn.ModuleList(Block(width, n_head) for _ in range(n_block))
        self.ln_f = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, ids: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x)).float()
        return functional.cross_entropy(logits.flatten(0, 1), target.flatten())

    def load(self, arrays: dict) -> "NanoGPT":
        """The weights of a GPT-2 by their full names; a Linear has its table turned."""
        names = {"wte": self.wte.weight, "wpe": self.wpe.weight, "ln_f_g": self.ln_f.weight,
                 "ln_f_b": self.ln_f.bias}
        for number, block in enumerate(self.blocks):
            for name, layer in block.named_children():
                gain = "g" if isinstance(layer, nn.LayerNorm) else "w"
                names[f"h{number}.{name}_{gain}"] = layer.weight
                names[f"h{number}.{name}_b"] = layer.bias
        with torch.no_grad():
            for name, weight in names.items():
                table = torch.from_numpy(arrays[name])
                weight.copy_(table if name in ("wte", "wpe") or table.ndim == 1 else table.T)
        return self
