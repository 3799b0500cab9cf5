import subprocess
import sys

import vesseltrack


def test_all_is_sorted_and_every_name_can_be_had():
    assert vesseltrack.__all__ == sorted(vesseltrack.__all__)
    for name in vesseltrack.__all__:
        assert getattr(vesseltrack, name) is not None


def test_the_surface_is_what_it_was():
    assert set(vesseltrack.__all__) == {
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
    }


def _loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_imports_no_library():
    heavy = {"numpy", "pandas", "pyarrow", "scipy", "duckdb", "pyais", "geopandas", "fastapi"}
    assert not heavy & _loaded_after("import vesseltrack")


def test_importing_the_command_line_imports_no_stage():
    heavy = {"numpy", "pandas", "pyarrow", "scipy", "duckdb", "pyais", "geopandas", "fastapi"}
    assert not heavy & _loaded_after("import vesseltrack.cli.app")


def test_detect_stays_the_function_when_the_stage_is_imported():
    code = "import vesseltrack; import vesseltrack.detect; assert vesseltrack.detect.__call__"
    subprocess.run([sys.executable, "-c", code], check=True)
