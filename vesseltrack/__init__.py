"""Which vessels should be looked at first, and why: AIS archives and feeds to ranked leads.

The names below are the public surface. Importing the package does no work; a name's libraries
are imported when it is first used.
"""

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

from vesseltrack.errors import VesseltrackError

if TYPE_CHECKING:
    __version__: str
    from vesseltrack.config import Config, load_config
    from vesseltrack.engine import RouteComparison
    from vesseltrack.frames import (
        AisData,
        ResearchStore,
        compare_to_route,
        detect,
        open_store,
        read_ais,
    )
    from vesseltrack.routing import Route, distance_field, shortest_route, shortest_routes

_HOME = {
    "AisData": "vesseltrack.frames",
    "Config": "vesseltrack.config",
    "ResearchStore": "vesseltrack.frames",
    "Route": "vesseltrack.routing",
    "RouteComparison": "vesseltrack.engine",
    "compare_to_route": "vesseltrack.frames",
    "detect": "vesseltrack.frames",
    "distance_field": "vesseltrack.routing",
    "load_config": "vesseltrack.config",
    "open_store": "vesseltrack.frames",
    "read_ais": "vesseltrack.frames",
    "shortest_route": "vesseltrack.routing",
    "shortest_routes": "vesseltrack.routing",
}

__all__ = [
    "AisData",
    "Config",
    "ResearchStore",
    "Route",
    "RouteComparison",
    "VesseltrackError",
    "__version__",
    "compare_to_route",
    "detect",
    "distance_field",
    "load_config",
    "open_store",
    "read_ais",
    "shortest_route",
    "shortest_routes",
]


class _Package(types.ModuleType):
    """The package, whose `detect` stays the public function when the stage is imported.

    Importing a submodule binds it to the parent's attribute of that name; here that would hide
    `vesseltrack.detect(...)` behind the package `vesseltrack.detect`.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name == "detect" and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name == "__version__":
        # It is seldom asked for, and takes as long to find as numpy's half to import.
        value = importlib.import_module("importlib.metadata").version("vesseltrack")
    elif name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    else:
        msg = f"module 'vesseltrack' has no attribute {name!r}"
        raise AttributeError(msg)
    globals()[name] = value  # so that the next look-up is direct
    return value


def __dir__() -> list[str]:
    return __all__
