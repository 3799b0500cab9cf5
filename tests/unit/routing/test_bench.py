"""The table of `make bench` can be begun: its modules find each other's names."""

import importlib
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"


def test_the_table_of_sea_routes_finds_all_it_imports(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    before = set(sys.modules)
    table = importlib.import_module("sea_table")
    assert callable(table.print_table)
    for name in set(sys.modules) - before:  # bench modules must not shadow those of other tests
        if Path(getattr(sys.modules[name], "__file__", None) or "").parent == BENCH:
            del sys.modules[name]
