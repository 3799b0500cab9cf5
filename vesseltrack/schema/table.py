"""What a table is: columns with types, and the one check at the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from vesseltrack.errors import SchemaError


@dataclass(frozen=True)
class Column:
    """One column: its name (with its unit), its type, and what it says."""

    name: str
    type: pa.DataType
    doc: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """One table: its name, what a row is, and its columns."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # the columns that name a row; rows are sorted by them when stored

    @cached_property
    def arrow(self) -> pa.Schema:
        """The Arrow schema."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(c.name for c in self.columns)

    def empty(self) -> pa.Table:
        """Return a table of no rows."""
        return self._empty

    @cached_property
    def _empty(self) -> pa.Table:
        # `empty_table` would import pandas, where it is installed.
        columns = [pa.nulls(0, column.type) for column in self.columns]
        return pa.Table.from_arrays(columns, schema=self.arrow)

    def of(self, columns: Mapping[str, Any]) -> pa.Table:
        """Return a table of this schema from columns by name; a missing nullable one is null.

        Raises
        ------
        SchemaError
            If a column is unknown, missing, of another length, or cannot take the type.
        """
        unknown = set(columns) - set(self.names)
        if unknown:
            msg = f"table {self.name} has no column {', '.join(sorted(unknown))}"
            raise SchemaError(msg)
        n_rows = len(next(iter(columns.values()))) if columns else 0
        arrays = []
        for column in self.columns:
            values = columns.get(column.name)
            try:
                arrays.append(
                    pa.nulls(n_rows, column.type)
                    if values is None
                    else _as_array(values, column.type)
                )
            except (pa.ArrowException, TypeError, OverflowError) as error:
                msg = f"column {self.name}.{column.name} must be {column.type}: {error}"
                raise SchemaError(msg) from error
        try:
            table = pa.Table.from_arrays(arrays, schema=self.arrow)
        except pa.ArrowInvalid as error:
            msg = f"table {self.name}: {error}"
            raise SchemaError(msg) from error
        validate(table, self)
        return table


def _as_array(values: Any, type_: pa.DataType) -> pa.Array | pa.ChunkedArray:  # noqa: ANN401 - any column
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == type_ else values.cast(type_)
    # Within the house unknown numbers are NaN; at rest they are null.
    return pa.array(values, type=type_, from_pandas=True)


def validate(table: pa.Table, spec: Table) -> None:
    """Check a table against its schema and report every problem together.

    Parameters
    ----------
    table : pyarrow.Table
        What arrived at the door.
    spec : Table
        What it must be: the same columns in the same order and types, no null where none may be.

    Raises
    ------
    SchemaError
        Naming the table and each column that is missing, surplus, of another type or null.
    """
    names, schema = table.column_names, table.schema
    complaints = [f"{name} is missing" for name in spec.names if name not in names]
    complaints += [f"{name} is not known" for name in names if name not in spec.names]
    for column in spec.columns:
        if column.name not in names:
            continue
        found = schema.field(column.name).type
        if found != column.type:
            complaints.append(f"{column.name} must be {column.type}; got {found}")
        n_null = table.column(column.name).null_count
        if n_null and not column.nullable:
            complaints.append(f"{column.name} must not be null; {n_null} of {table.num_rows} are")
    if not complaints and tuple(names) != spec.names:
        complaints.append(f"columns must stand in the order {', '.join(spec.names)}")
    if complaints:
        msg = f"table {spec.name}: {'; '.join(complaints)}"
        raise SchemaError(msg)
