"""A model's weights in llama.cpp's file format."""

from pathlib import Path

import gguf
import numpy as np

from cutaway.model import Model

# Our names and llama.cpp's. It stores a product's table with the inputs along the rows.
BLOCK = {"ln_1": "attn_norm", "c_attn": "attn_qkv", "attn_c_proj": "attn_output",
         "ln_2": "ffn_norm", "c_fc": "ffn_up", "mlp_c_proj": "ffn_down"}
WHOLE = {"wte": "token_embd.weight", "wpe": "position_embd.weight",
         "ln_f_g": "output_norm.weight", "ln_f_b": "output_norm.bias"}


def write_gguf(file: Path, model: Model, numbers: gguf.GGMLQuantizationType) -> None:
    """A GGUF file without a vocabulary; the tables of products as `numbers`, the rest float32."""
    config = model.config
    writer = gguf.GGUFWriter(str(file), "gpt2")
    writer.add_context_length(config.n_positions)
    writer.add_embedding_length(config.n_embd)
    writer.add_feed_forward_length(4 * config.n_embd)
    writer.add_block_count(config.n_layer)
    writer.add_head_count(config.n_head)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)
    writer.add_vocab_size(config.vocab_size)
    writer.add_tokenizer_model("no_vocab")
    for name, array in model.weights.items():
        wide = name.endswith("_w")
        table = np.ascontiguousarray(array.T if wide else array, np.float32)
        kind = numbers if wide or name == "wte" else gguf.GGMLQuantizationType.F32
        writer.add_tensor(_name(name), gguf.quants.quantize(table, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _name(name: str) -> str:
    """h3.c_fc_w as blk.3.ffn_up.weight."""
    if name in WHOLE:
        return WHOLE[name]
    sheet, own = name.split(".")
    table, _, kind = own.rpartition("_")
    return f"blk.{sheet[1:]}.{BLOCK[table]}.{'bias' if kind == 'b' else 'weight'}"
