"""A book as SQL, calculated by DuckDB or PostgreSQL."""

from cutaway.engines.sql.dialect import DUCKDB, POSTGRESQL, Dialect
from cutaway.engines.sql.duckdb import DuckDB, make_duckdb, open_duckdb
from cutaway.engines.sql.model_tables import load
from cutaway.engines.sql.postgresql import PostgreSQL, load_postgresql, open_postgresql
from cutaway.engines.sql.program import SqlTable, program
from cutaway.engines.sql.run import SqlRun
from cutaway.engines.sql.script import script

__all__ = ["DUCKDB", "POSTGRESQL", "Dialect", "DuckDB", "PostgreSQL", "SqlRun", "SqlTable", "load",
           "load_postgresql", "make_duckdb", "open_duckdb", "open_postgresql", "program", "script"]
