"""Everything that can be asked of the worker, and who answers it.

VIEWS read what is calculated, and go on while code of the user's runs. JOBS calculate, change or
run code, one after the other; they can be interrupted.
"""

from cutaway.studio.messages import check_questions
from cutaway.studio.messages import token_questions as of_tokens
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs import (
    cells,
    changes,
    claims,
    compare,
    elsewhere,
    glance,
    inspector,
    learning,
    lessons,
    pictures,
    snapshot,
    surprise,
    table_view,
    tables,
    tokens,
    verify,
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
    of_tokens.Tokenizers: tokens.tokenizers,
    of_tokens.TokensPrompt: tokens.tokens_prompt,
    of_tokens.TokensText: tokens.tokens_text,
    of_tokens.TokensSteps: tokens.tokens_steps,
    of_tokens.TokensSpellings: tokens.tokens_spellings,
    of_tokens.Vocabulary: vocabulary.vocabulary,
    of_tokens.VocabularyToken: vocabulary.vocabulary_token,
    of_tokens.Merges: vocabulary.merges,
    **lessons.VIEWS,
    check_questions.Claims: claims.claims,
}
JOBS = {
    asked.Open: changes.open_document,
    asked.DoChange: changes.do_change,
    asked.DoGoTo: changes.do_go_to,
    asked.StepInto: changes.step_into,
    asked.Compare: compare.compare,
    asked.WriteSpreadsheet: elsewhere.write_spreadsheet,
    asked.SqlScript: elsewhere.sql_script,
    asked.WriteBegin: writing.write_begin,
    asked.WriteToken: writing.write_token,
    asked.WriteEnd: writing.write_end,
    asked.CellRun: cells.cell_run,
    asked.CellRunTo: cells.cell_run_to,
    asked.CellRunAll: cells.cell_run_all,
    asked.CellEval: cells.cell_eval,
    of_tokens.Learn: learning.learn,
    of_tokens.Surprise: surprise.surprise,
    check_questions.ClaimsMeasure: claims.claims_measure,
    check_questions.Verify: verify.verify,
}
