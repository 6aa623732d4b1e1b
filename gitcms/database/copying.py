"""All rows of a database, taken out at one moment and put into another, of the same kind or not.

Rows travel as plain values with the name of the step that their tables are at; the other database is brought
to that step, filled, and then brought to today's. What else belongs to a backup is `gitcms.backup`'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from alembic import command
from alembic.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Connection, DateTime, Integer, MetaData, Table, func, insert, inspect, select, text

from gitcms.database import Database, _alembic, _database_errors
from gitcms.database.models import Base
from gitcms.errors import StorageFailed

STEPS = "alembic_version"
AT_A_TIME = 500

Rows = Iterator[str]


@contextmanager
def taken_out(database: Database) -> Iterator[tuple[str, Iterator[tuple[str, Rows]]]]:
    """Give the step that a database is at, and each table's name with its rows, a line of JSON each.

    Others may write meanwhile: all rows are as they are at one moment.
    """
    with _database_errors(), database._reader.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            step = MigrationContext.configure(connection).get_current_revision() or ""
            tables = _tables(connection)
            yield step, ((table.name, _lines(connection, table)) for table in tables)


def put_in(
    database: Database, step: str, tables: Mapping[str, Callable[[], Iterable[str]]], then: Callable[[], None]
) -> None:
    """Fill a database in which nobody has an account yet, all in one transaction.

    :param step: where the tables were when they were taken out. :param tables: name → lines of JSON.
    :param then: what must have been done before the rows count; an error of it leaves everything as it was.
    :raises StorageFailed: somebody has an account there, or a newer version took the rows out.
    """
    with _database_errors(), database._engine.begin() as connection:
        _empty(connection)
        try:
            command.upgrade(_alembic(connection), step)
        except CommandError as error:
            raise StorageFailed(
                "A newer version of gitcms made this backup.",
                hint="Restore it with that version, or a later one.",
                details=str(error),
            ) from error
        for table in _tables(connection):
            if table.name in tables:
                _fill(connection, table, tables[table.name]())
        command.upgrade(_alembic(connection), "head")
        then()


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    ours = set(inspect(connection).get_table_names()) - {STEPS}
    found.reflect(connection, only=lambda name, _: name in ours)
    return list(found.sorted_tables)


def _lines(connection: Connection, table: Table) -> Rows:
    keys = list(table.primary_key.columns)
    for row in connection.execution_options(yield_per=AT_A_TIME).execute(select(table).order_by(*keys)):
        yield json.dumps({name: _plain(value) for name, value in row._mapping.items()}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return value


def _fill(connection: Connection, table: Table, lines: Iterable[str]) -> None:
    moments = [column.name for column in table.columns if isinstance(column.type, DateTime)]
    rows: list[dict[str, Any]] = []
    for line in lines:
        row = json.loads(line)
        for name in moments:
            row[name] = datetime.fromisoformat(row[name]) if row[name] is not None else None
        rows.append(row)
        if len(rows) == AT_A_TIME:
            connection.execute(insert(table), rows)
            rows = []
    if rows:
        connection.execute(insert(table), rows)
    _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL give new rows numbers that are not taken."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return
    sequence = connection.scalar(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": keys[0].name}
    )
    last = connection.scalar(select(func.max(keys[0])))
    if sequence and last:
        connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _empty(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    if "users" in there and connection.scalar(text("SELECT count(*) FROM users")):
        raise StorageFailed(
            "People have accounts here already; a backup goes into an empty place.",
            hint="Name another folder or database under [state], or move the old ones away.",
        )
    known = MetaData()
    known.reflect(connection, only=[name for name in there if name in {*Base.metadata.tables, STEPS}])
    known.drop_all(connection)
