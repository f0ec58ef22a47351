"""GPT-2, all of it.

A prompt becomes rows of numbers (`embed`), the rows pass through the same sixteen steps again and
again with different weights (`block`), and the last row says which token comes next (`head`).

Each function is a step: its name is a table, its parameters the tables that it reads, its body the
formula. The numbers 1 to 16 are the workshop's spreadsheet's. In GPT-2 small `embed` is 768 wide,
`qkv` 2,304, `hidden` 3,072, `vocabulary` 50,257; 12 blocks of 12 heads. Source: Radford et al.
2019, "Language Models are Unsupervised Multitask Learners". Relatives are in `gpt2_variants.py`.
"""

from cutaway.models.config import Config
from cutaway.models.gpt2_variants import constants, varied
from cutaway.workbook.book import Book
from cutaway.workbook.operations import (
    causal,
    gelu,
    last_axis,
    last_row,
    look_up,
    merge_heads,
    normalise,
    part,
    softmax,
    split_heads,
    sqrt,
    transpose,
)
from cutaway.workbook.sheet import Sheet

# ---- From tokens to numbers ----------------------------------------------------------------
embed = Sheet("embed", weights={"wte": "vocabulary embed", "wpe": "position embed"})

@embed.step("a", axes="position embed")
def token_embeddings(ids, wte):
    """What each token means on its own: its row of the table wte."""
    return look_up(wte, ids)

@embed.step("b", axes="position embed")
def position_embeddings(positions, wpe):
    """What each place in the prompt adds: its row of the table wpe."""
    return look_up(wpe, positions)

@embed.step("c", axes="position embed")
def embeddings(token_embeddings, position_embeddings):
    """Token and place in one row: the two are simply added."""
    return token_embeddings + position_embeddings


# ---- One block -----------------------------------------------------------------------------
block = Sheet("block", receives="stream", weights={
    "ln_1_g": "embed", "ln_1_b": "embed",
    "c_attn_w": "embed qkv", "c_attn_b": "qkv",
    "attn_c_proj_w": "joined embed", "attn_c_proj_b": "embed",
    "ln_2_g": "embed", "ln_2_b": "embed",
    "c_fc_w": "embed hidden", "c_fc_b": "hidden",
    "mlp_c_proj_w": "hidden embed", "mlp_c_proj_b": "embed",
})

@block.step(1, axes="position embed")
def residual(stream):
    """What the block receives: all that is known of each token so far."""
    return stream

@block.step(2, axes="position embed")
def attention_normalised(residual, eps):
    """Each row brought to mean 0 and variance 1, so that no row is louder than another."""
    return normalise(residual, eps)

@block.step(3, axes="position embed")
def attention_input(attention_normalised, ln_1_g, ln_1_b):
    """Each column scaled and shifted by what the model has learned."""
    return attention_normalised * ln_1_g + ln_1_b

@block.step(4, axes="position qkv")
def qkv(attention_input, c_attn_w, c_attn_b):
    """Query, key and value of every token, side by side in one product."""
    return attention_input @ c_attn_w + c_attn_b

@block.step("5a", axes="head position head_embed")
def queries(qkv, n_head):
    """What each position is looking for, head by head."""
    return split_heads(part(qkv, 0, of=3), n_head)

@block.step("5b", axes="head position head_embed", remembered=True)
def keys(qkv, n_head):
    """What each position offers to be found by. Remembered when a token is appended."""
    return split_heads(part(qkv, 1, of=3), n_head)

@block.step("5c", axes="head position head_embed", remembered=True)
def values(qkv, n_head):
    """What each position tells those who find it. Remembered when a token is appended."""
    return split_heads(part(qkv, 2, of=3), n_head)

@block.step(6, axes="head position source")
def scores(queries, keys):
    """How strongly each position asks each source, before anything is masked."""
    return queries @ transpose(keys) / sqrt(last_axis(queries))

@block.step(7, axes="head position source")
def attention(scores):
    """How much each position reads from each source: every row sums to 1, nothing looks ahead."""
    return softmax(causal(scores))

@block.step(8, axes="head position head_embed")
def mixed(attention, values):
    """The sources' values, mixed in those shares."""
    return attention @ values

@block.step("9a", axes="position joined")
def joined(mixed):
    """The heads' results laid side by side again."""
    return merge_heads(mixed)

@block.step("9b", axes="position embed")
def attention_output(joined, attn_c_proj_w, attn_c_proj_b):
    """What attention adds to each token: the heads' results blended into one row."""
    return joined @ attn_c_proj_w + attn_c_proj_b

@block.step(10, axes="position embed")
def residual_after_attention(residual, attention_output):
    """The token as it was, plus what it has read from the others."""
    return residual + attention_output

@block.step(11, axes="position embed")
def mlp_normalised(residual_after_attention, eps):
    """Each row brought to mean 0 and variance 1 once more."""
    return normalise(residual_after_attention, eps)

@block.step(12, axes="position embed")
def mlp_input(mlp_normalised, ln_2_g, ln_2_b):
    """Each column scaled and shifted: this is what the MLP sees."""
    return mlp_normalised * ln_2_g + ln_2_b

@block.step(13, axes="position hidden")
def mlp_up(mlp_input, c_fc_w, c_fc_b):
    """Many more neurons than columns, each a weighted sum of the row plus its bias."""
    return mlp_input @ c_fc_w + c_fc_b

@block.step(14, axes="position hidden")
def mlp_active(mlp_up):
    """Which neurons fire, and how strongly."""
    return gelu(mlp_up)

@block.step(15, axes="position embed")
def mlp_output(mlp_active, mlp_c_proj_w, mlp_c_proj_b):
    """What the MLP adds to each token: the neurons' firing, back in the row's own width."""
    return mlp_active @ mlp_c_proj_w + mlp_c_proj_b

@block.step(16, axes="position embed")
def residual_after_mlp(residual_after_attention, mlp_output):
    """The token after this block; the next one receives it."""
    return residual_after_attention + mlp_output


# ---- From numbers to the next token --------------------------------------------------------
head = Sheet("head", receives="stream", weights={"ln_f_g": "embed", "ln_f_b": "embed"})

@head.step("a", axes="position embed")
def final_normalised(stream, eps):
    """Each row brought to mean 0 and variance 1 for the last time."""
    return normalise(stream, eps)

@head.step("b", axes="position embed")
def final(final_normalised, ln_f_g, ln_f_b):
    """Each row scaled and shifted: the embedding of the token that should follow it."""
    return final_normalised * ln_f_g + ln_f_b

@head.step("c", axes="embed")
def predicted_embedding(final):
    """The last position's row: what the model expects next, as an embedding."""
    return last_row(final)

@head.step("d", axes="vocabulary")
def next_logits(predicted_embedding, wte):
    """How close that is to every token of the vocabulary: one dot product each."""
    return predicted_embedding @ transpose(wte)

@head.step("e", axes="vocabulary")
def next_probabilities(next_logits):
    """The same as shares of 1: how likely each token is to come next."""
    return softmax(next_logits)

@head.step("f", axes="position vocabulary")
def logits(final, wte):
    """What every position, not only the last, expects next. Training reads this table."""
    return final @ transpose(wte)


ROLES = {"token_table": "wte", "position_table": "wpe", "last_hidden": "final",
         "block_input": "residual", "after_attention": "residual_after_attention",
         "block_output": "residual_after_mlp", "neurons": "mlp_active"}
HEADINGS = {"residual": "look around: attention", "mlp_normalised": "think: MLP"}  # from there on


def gpt2(config: Config) -> Book:
    """The workbook of a GPT-2 of any shape: embed, the block n_layer times, head."""
    blocks = map(varied(block, config).at, range(config.n_layer))
    return Book([embed, *blocks, varied(head, config)], sizes=config.sizes,
                constants=constants(config), roles=ROLES, headings=HEADINGS)
