"""Settings and guards that every statement gets, on every backend.

Owns the insert settings behind the exactly-once promise, and the refusal of what `readonly` lets through.
"""

from typing import Final

from config.errors import StoreError

INSERT_SETTINGS: Final = {
    # Acknowledged must mean written: no server-side buffer.
    "async_insert": 0,
    "insert_deduplicate": 1,
    # A clock set wrongly may spread one batch over many months; that must not stop the loader.
    "max_partitions_per_insert_block": 0,
}


def check_readonly(sql: str) -> None:
    """Refuse what an engine's readonly mode was seen to allow: writing files, and a second statement.

    Raises:
        StoreError: the query holds either. Values never stand in SQL, so neither does an honest query.
    """
    if ";" in sql or "outfile" in sql.lower():
        raise StoreError("The store refused a query: a query is one SELECT that writes no file.")


def insert_statement(table: str, columns: list[str]) -> str:
    """`INSERT INTO table (columns)`; the names come from our own schema, and are checked all the same.

    Raises:
        StoreError: a name is not a plain identifier.
    """
    for name in (table, *columns):
        if not name.isidentifier() or not name.isascii():
            raise StoreError(f"The store refused an insert: {name!r} is not a name of a table or column.")
    return f"INSERT INTO {table} ({', '.join(columns)})"
