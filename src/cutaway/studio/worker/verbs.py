"""Everything that can be asked of the worker.

VIEWS read what is calculated, and go on while code of the user's runs. JOBS calculate, change or
run code, one after the other; they can be interrupted.
"""

from cutaway.studio.worker import (
    book,
    cells,
    comparing,
    csv_rows,
    glance,
    inspector,
    learning,
    sheet,
    snapshot,
    tables,
    tokenizers,
    tokens,
    vocabulary,
    writing,
)

VIEWS = {
    "tile": tables.tile,
    "labels": tables.labels,
    "find": tables.find,
    "sheet": sheet.sheet,
    "histogram": sheet.histogram,
    "glance": glance.glance,
    "hint": glance.hint,
    "cell": inspector.cell,
    "products": inspector.products,
    "stages": writing.stages,
    "operation_source": book.operation_source,
    "snapshot": snapshot.snapshot,
    "csv_rows": csv_rows.csv_rows,
    "table_shape": csv_rows.table_shape,
    "cell_names": cells.cell_names,
    "cell_results": cells.cell_results,
    "tokenizers": tokenizers.tokenizers,
    "tokens_prompt": tokens.tokens_prompt,
    "tokens_text": tokens.tokens_text,
    "tokens_steps": tokens.tokens_steps,
    "tokens_spellings": tokens.tokens_spellings,
    "vocabulary": vocabulary.vocabulary,
    "vocabulary_token": vocabulary.vocabulary_token,
    "merges": vocabulary.merges,
}

JOBS = {
    "open": book.open_book,
    "change": book.change,
    "go_to": book.go_to,
    "compare": comparing.compare,
    "write_begin": writing.write_begin,
    "write_token": writing.write_token,
    "write_end": writing.write_end,
    "step_into": book.step_into,
    "cell_run": cells.cell_run,
    "cell_run_to": cells.cell_run_to,
    "cell_run_all": cells.cell_run_all,
    "cell_eval": cells.cell_eval,
    "learn": learning.learn,
}
