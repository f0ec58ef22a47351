"""Everything that can be asked of the worker.

VIEWS read what is calculated, and go on while code of the user's runs. JOBS calculate, change or
run code, one after the other; they can be interrupted.
"""

from cutaway.studio.worker.verbs import (
    cells,
    changes,
    glance,
    inspector,
    learning,
    snapshot,
    summary,
    table_view,
    tables,
    tokens,
    vocabulary,
    writing,
)

VIEWS = {
    "tile": tables.tile,
    "labels": tables.labels,
    "find": tables.find,
    "sheet": table_view.sheet,
    "histogram": table_view.histogram,
    "glance": glance.glance,
    "hint": glance.hint,
    "cell": inspector.cell,
    "products": inspector.products,
    "stages": writing.stages,
    "operation_source": changes.operation_source,
    "snapshot": snapshot.snapshot,
    "csv_rows": tables.csv_rows,
    "table_shape": tables.table_shape,
    "cell_names": cells.cell_names,
    "cell_results": cells.cell_results,
    "tokens_prompt": tokens.tokens_prompt,
    "tokens_text": tokens.tokens_text,
    "tokens_steps": tokens.tokens_steps,
    "tokens_spellings": tokens.tokens_spellings,
    "vocabulary": vocabulary.vocabulary,
    "vocabulary_token": vocabulary.vocabulary_token,
    "merges": vocabulary.merges,
}

JOBS = {
    "open": changes.open_book,
    "change": changes.change,
    "go_to": changes.go_to,
    "compare": summary.compare,
    "write_begin": writing.write_begin,
    "write_token": writing.write_token,
    "write_end": writing.write_end,
    "step_into": changes.step_into,
    "cell_run": cells.cell_run,
    "cell_run_to": cells.cell_run_to,
    "cell_run_all": cells.cell_run_all,
    "cell_eval": cells.cell_eval,
    "learn": learning.learn,
}
