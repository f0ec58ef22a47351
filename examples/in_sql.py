"""The model in a database: one table a step, and any question that SQL can ask."""

from cutaway import open_model
from cutaway.engines.sql import DuckDB, SqlRun, load

model = open_model()
with DuckDB(":memory:") as database:
    load(model, database)
    run = SqlRun(model, database)
    run.predict("Mike is quick. He moves")

    print("What the last position reads most, over all heads of block 3:")
    for position, share in database.rows("""
            SELECT source, avg(value) AS share FROM h3.attention
            WHERE position = 7 GROUP BY source ORDER BY share DESC LIMIT 3"""):
        print(f"  {model.tokenizer.text_of(run.ids[position])!r:>10} {share:6.1%}")

    run.choose()
    (text,), = database.rows("SELECT text FROM chosen JOIN vocabulary USING (id)")
    print(f"The next token: {text!r}")
