"""The shell of a database, in the user's own terminal."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cutaway.errors import MissingExtra


def open_shell(place: Path | str) -> None:
    """DuckDB's shell on a file, or psql on an address, until the user leaves it.

    The address is handed over in the environment, where no list of processes shows it.

    Raises:  MissingExtra when the shell is not installed
    """
    if isinstance(place, Path):
        program = _found("duckdb", "pip install 'cutaway[shell]'")
        subprocess.run([program, str(place)], check=False)
    else:
        program = _found("psql", "your system's package postgresql-client")
        subprocess.run([program], check=False, env={**os.environ, **_settings(place)})


def _found(name: str, where_from: str) -> str:
    """The program, among the environment's own or on the path."""
    program = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if program is None:
        raise MissingExtra(f"The shell {name} is not installed. It comes with {where_from}.")
    return program


def _settings(url: str) -> dict[str, str]:
    """An address as libpq's own environment variables."""
    from psycopg import conninfo

    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
             "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "options": "PGOPTIONS"}
    found = conninfo.conninfo_to_dict(url)
    found.setdefault("options", "-c search_path=cutaway,public")
    return {names[key]: str(value) for key, value in found.items() if key in names}
