"""Everything that can be asked of the worker, and who answers it.

VIEWS read what is calculated, and go on while code of the user's runs. JOBS calculate, change or
run code, one after the other; they can be interrupted.
"""

from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs import (
    cells,
    changes,
    glance,
    inspector,
    learning,
    lessons,
    pictures,
    snapshot,
    summary,
    table_view,
    tables,
    tokens,
    vocabulary,
    writing,
)

VIEWS = {
    asked.Tile: tables.tile,
    asked.Labels: tables.labels,
    asked.Find: tables.find,
    asked.CsvRows: tables.csv_rows,
    asked.TableShape: tables.table_shape,
    asked.TableView: table_view.table_view,
    asked.Histogram: table_view.histogram,
    asked.RangeSum: table_view.range_sum,
    asked.Calculate: table_view.calculate,
    asked.Glance: glance.glance,
    asked.Overview: glance.overview,
    asked.Hint: glance.hint,
    asked.Cell: inspector.cell,
    asked.Products: inspector.products,
    asked.Picture: pictures.picture,
    asked.Back: inspector.back,
    asked.Readers: inspector.readers,
    asked.Stages: writing.stages,
    asked.OperationSource: changes.operation_source,
    asked.Snapshot: snapshot.snapshot,
    asked.CellNames: cells.cell_names,
    asked.CellResults: cells.cell_results,
    asked.Tokenizers: tokens.tokenizers,
    asked.TokensPrompt: tokens.tokens_prompt,
    asked.TokensText: tokens.tokens_text,
    asked.TokensSteps: tokens.tokens_steps,
    asked.TokensSpellings: tokens.tokens_spellings,
    asked.Vocabulary: vocabulary.vocabulary,
    asked.VocabularyToken: vocabulary.vocabulary_token,
    asked.Merges: vocabulary.merges,
    **lessons.VIEWS,
}
JOBS = {
    asked.Open: changes.open_document,
    asked.DoChange: changes.do_change,
    asked.DoGoTo: changes.do_go_to,
    asked.StepInto: changes.step_into,
    asked.Compare: summary.compare,
    asked.WriteBegin: writing.write_begin,
    asked.WriteToken: writing.write_token,
    asked.WriteEnd: writing.write_end,
    asked.CellRun: cells.cell_run,
    asked.CellRunTo: cells.cell_run_to,
    asked.CellRunAll: cells.cell_run_all,
    asked.CellEval: cells.cell_eval,
    asked.Learn: learning.learn,
}
