"""The names of the worker's verbs that a page may ask for, without importing what calculates."""

# Asked of the worker as they come.
RELAYED = frozenset((
    "tile", "labels", "find", "sheet", "histogram", "glance", "hint", "cell", "products",
    "stages", "operation_source", "compare", "cell_names", "cell_results", "tokens_prompt",
    "tokens_text", "tokenizers",
    "tokens_steps", "tokens_spellings", "vocabulary", "vocabulary_token", "merges", "learn",
))
# Asked with the sources of all cells beside; they run code of the user's.
WITH_CELLS = frozenset(("cell_run", "cell_run_to", "cell_run_all", "cell_eval", "step_into"))
