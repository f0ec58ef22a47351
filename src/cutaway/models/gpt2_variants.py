"""What GPT-2's relatives calculate otherwise: another formula for a step, and nothing else.

A model that was trained with nanoGPT has another curve in its MLP and perhaps no biases; one of
Stanford's Mistral divides its scores by the number of the block. `gpt2.py` states GPT-2; here is,
for each field of the configuration, which formula differs.

Source: transformers, models/gpt2/modeling_gpt2.py and activations.py; karpathy/nanoGPT, model.py.
"""

from cutaway.models.config import Config
from cutaway.workbook.sheet import Sheet

# Step 14, by what a config.json calls the curve.
ACTIVATIONS = {"gelu_new": "gelu(mlp_up)", "gelu": "exact_gelu(mlp_up)", "relu": "relu(mlp_up)",
               "quick_gelu": "quick_gelu(mlp_up)", "silu": "silu(mlp_up)"}

# The step that a bias belongs to, as it is without.
WITHOUT = {
    "ln_1_b": ("attention_input", "attention_normalised * ln_1_g"),
    "c_attn_b": ("qkv", "attention_input @ c_attn_w"),
    "attn_c_proj_b": ("attention_output", "joined @ attn_c_proj_w"),
    "ln_2_b": ("mlp_input", "mlp_normalised * ln_2_g"),
    "c_fc_b": ("mlp_up", "mlp_input @ c_fc_w"),
    "mlp_c_proj_b": ("mlp_output", "mlp_active @ mlp_c_proj_w"),
    "ln_f_b": ("final", "final_normalised * ln_f_g"),
}
WITHOUT_IN_WORDS = {
    "attention_input": "Each column scaled by what the model has learned.",
    "mlp_input": "Each column scaled: this is what the MLP sees.",
    "mlp_up": "Many more neurons than columns, each a weighted sum of the row.",
    "final": "Each row scaled: the embedding of the token that should follow it.",
}

# Step 6, by whether the configuration asks for the square root, and for the block's number.
PRODUCT = "queries @ transpose(keys)"
SCORES = {(True, False): f"{PRODUCT} / sqrt(last_axis(queries))", (False, False): PRODUCT,
          (True, True): f"{PRODUCT} / (sqrt(last_axis(queries)) * depth)",
          (False, True): f"{PRODUCT} / depth"}

# The language head with a table of its own.
UNTIED = {"next_logits": "predicted_embedding @ transpose(lm_head)",
          "logits": "final @ transpose(lm_head)"}


def varied(sheet: Sheet, config: Config) -> Sheet:
    """GPT-2's sheet as a configuration has it; the sheet itself where it has it as GPT-2 does."""
    formulas = dict(WITHOUT[bias] for bias in config.missing_biases)
    words = {name: WITHOUT_IN_WORDS[name] for name in formulas if name in WITHOUT_IN_WORDS}
    if config.activation_function != "gelu_new":
        formulas["mlp_active"] = ACTIVATIONS[config.activation_function]
    scaling = config.scale_attn_weights, config.scale_attn_by_inverse_layer_idx
    if scaling != (True, False):
        formulas["scores"] = SCORES[scaling]
    if not config.tie_word_embeddings:
        formulas |= UNTIED
    return sheet.varied(formulas, words, {"lm_head": "vocabulary embed"})


def constants(config: Config) -> dict[str, float]:
    """The plain numbers that formulas read, each block's own by its full name."""
    depths = {f"h{block}.depth": block + 1 for block in range(config.n_layer)}
    return {"n_head": config.n_head, "eps": config.layer_norm_epsilon,
            **(depths if config.scale_attn_by_inverse_layer_idx else {})}
