"""Rows of a token table that stand for no token: a table is often made a little longer.

nanoGPT gives GPT-2's 50,257 tokens 50,304 rows, a multiple of 64, and `transformers` has
`resize_token_embeddings(pad_to_multiple_of=...)`, for products of such sizes are faster.
"""

MULTIPLES = (8, 16, 32, 64, 128)


def fits(n_token: int, n_row: int) -> bool:
    """Whether so many tokens belong to a table of so many rows: equal, or made up to a multiple."""
    return n_row - n_token in {0, *(-n_token % multiple for multiple in MULTIPLES)}


def unused(n_token: int, n_row: int) -> dict[str, int]:
    """What the rows without a token are called, with their ids; no text becomes one of them."""
    return {f"<|unused {id}|>": id for id in range(n_token, n_row)}
