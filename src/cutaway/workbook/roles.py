"""Roles: what a table is for, whatever its name is in one kind of model.

A book states which of its tables has which role; a table that is called like a role has it.
Whoever shows, exports or trains any model asks for a role, never for a table by the name that
GPT-2 gives it.
"""

# What each role is, in the words of a message about a model that has no such table.
ROLES = {
    "token_table": "table with a row of numbers for each token",
    "position_table": "table with a row of numbers for each place in the prompt",
    "token_embeddings": "table of the prompt's tokens, looked up",
    "position_embeddings": "table of the prompt's places, looked up",
    "embeddings": "table that the first block receives",
    "last_hidden": "table of the rows that the language head reads",
    "predicted_embedding": "table of what the model expects next, as an embedding",
    "next_logits": "table of the next token's logits",
    "next_probabilities": "table of the next token's probabilities",
    "logits": "table of every position's logits",
}

# The same for roles that a table has in each block.
BLOCK_ROLES = {
    "block_input": "table that a block receives",
    "block_output": "table that a block hands on",
    "queries": "table of queries",
    "keys": "table of keys",
    "values": "table of values",
    "scores": "table of attention scores",
    "attention": "attention table",
    "mixed": "table of the values that each head has read",
    "attention_output": "table of what attention adds",
    "after_attention": "table of a block's rows after attention",
    "neurons": "table of the MLP's neurons",
    "mlp_output": "table of what the MLP adds",
}
