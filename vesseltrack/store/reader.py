"""Queries over Parquet files by DuckDB in process, shut in to the store's own folder."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from vesseltrack.errors import StoreDamagedError, StoreError
from vesseltrack.store.layout import QUERY_LIMIT_S, QUERY_MEMORY_MIB, QUERY_THREADS
from vesseltrack.store.watch import WATCH

# A statement that cannot be compiled is our mistake; every other failure lies in the files.
_OURS: Final = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.NotImplementedException,
    duckdb.ParserException,
    duckdb.PermissionException,
)


@dataclass(frozen=True)
class Condition:
    """A condition in SQL with ``?`` for each bound value."""

    sql: str = "true"
    values: tuple[Any, ...] = ()


ANY: Final = Condition()
NOTHING: Final = Condition("")


class Reader:
    """A database without tables of its own; several threads may ask it at once."""

    def __init__(self, store: Path) -> None:
        self._store = store.resolve()
        self._opening = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    def scan(
        self,
        uris: Sequence[str],
        columns: str = "*",
        where: Condition = ANY,
        tail: Condition = NOTHING,
    ) -> pa.Table:
        """Return what a query finds in files of one table.

        The texts are this package's own, made from names in the schema; every value that comes
        from outside is bound.

        Parameters
        ----------
        uris : sequence of str
            One file or more.
        columns : str
            What to select. The database adds `filename` and `file_row_number` to each row.
        where : Condition
            Which rows.
        tail : Condition
            What follows: grouping, order, limits.

        Raises
        ------
        StoreDamagedError
            If a file is missing or is not what it should be. Not all damage shows: the database
            does not check the hashes of what it reads.
        StoreError
            If the query passes its limit of time or memory.
        """
        sql = (
            f"SELECT {columns} FROM read_parquet(?, hive_partitioning = false) AS row "  # noqa: S608 - no outside text, see above
            f"WHERE {where.sql} {tail.sql}"
        )
        return self._answer(sql, [list(uris), *where.values, *tail.values])

    def _answer(self, sql: str, values: list[Any]) -> pa.Table:
        cursor = self._connection().cursor()
        try:
            with WATCH.over(cursor.interrupt, QUERY_LIMIT_S):
                return cursor.sql(sql, params=values).to_arrow_table()
        except duckdb.InterruptException as error:
            msg = f"the query took longer than {QUERY_LIMIT_S:g} s; ask for less at a time"
            raise StoreError(msg) from error
        except duckdb.OutOfMemoryException as error:
            msg = f"the query needs more than {QUERY_MEMORY_MIB} MiB; ask for less at a time"
            raise StoreError(msg) from error
        except _OURS:
            raise
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            msg = f"a file of {self._store} cannot be read; run 'vesseltrack verify' ({reason})"
            raise StoreDamagedError(msg) from error
        finally:
            cursor.close()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._database is None:
                self._database = _open(self._store)
            return self._database


def _open(store: Path) -> duckdb.DuckDBPyConnection:
    """Return a database that reads and writes below the store and nowhere else."""
    database = duckdb.connect(":memory:")
    quoted = str(store).replace("'", "''")
    for setting in (
        f"memory_limit = '{QUERY_MEMORY_MIB}MiB'",
        f"threads = {QUERY_THREADS}",
        "temp_directory = ''",  # a reader may have no right to write, and no disk to spare
        "TimeZone = 'UTC'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "parquet_metadata_cache = true",  # a name never gets other bytes
        f"allowed_directories = ['{quoted}/']",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        database.execute(f"SET {setting}")
    return database
