"""Values computed from the store, kept until the store changes."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class PerVersion(Generic[Value]):
    """Holds values of the newest version of the store alone; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: str | None = None
        self._values: dict[Hashable, Value] = {}

    def get(self, version: str, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the value of a key, computing it when this version has none.

        One computes while others wait: what is worth keeping is not worth computing twice.
        """
        with self._lock:
            if version != self._version:
                self._version, self._values = version, {}
            if key not in self._values:
                self._values[key] = compute()
            return self._values[key]
