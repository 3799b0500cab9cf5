"""The command that gives sea routes: route."""

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from vesseltrack.cli.options import place
from vesseltrack.errors import InputError


def route(
    from_: Annotated[str | None, typer.Option("--from", metavar="LAT,LON")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="LAT,LON")] = None,
    via: Annotated[
        list[str] | None,
        typer.Option("--via", help="A passage or LAT,LON on the way; may be repeated."),
    ] = None,
    avoid: Annotated[
        str, typer.Option("--avoid", help="Passages that are closed.", metavar="suez,kiel,...")
    ] = "",
    draught_m: Annotated[float | None, typer.Option("--draught-m", min=0.0, max=40.0)] = None,
    length_m: Annotated[float | None, typer.Option("--length-m", min=0.0, max=500.0)] = None,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", help="Many: from_lat,from_lon,to_lat,to_lon.", metavar="FILE.csv"),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE")] = None,
) -> None:
    """Give the shortest way by sea.

    One route as GeoJSON, and on stderr in one line; or the distances of many pairs as CSV.

    Example: vesseltrack route --from 51.95,4.05 --to 59.93,29.7 --avoid kiel
    """
    options: dict[str, Any] = {
        "via": tuple(_via(item) for item in via or ()),
        "avoid": tuple(name.strip() for name in avoid.split(",") if name.strip()),
        "draught_m": draught_m,
        "length_m": length_m,
    }
    if pairs is not None:
        _many(pairs, output, options)
        return
    if from_ is None or to is None:
        msg = "give both --from LAT,LON and --to LAT,LON, or --pairs FILE.csv"
        raise typer.BadParameter(msg, param_hint="--from")
    from vesseltrack.routing import shortest_route

    found = shortest_route(place(from_, "--from"), place(to, "--to"), **options)
    feature = found.feature()
    print(_in_words(feature["properties"]), file=sys.stderr)
    text = json.dumps(feature, allow_nan=False)
    if output is None:
        print(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")


def _in_words(properties: dict[str, Any]) -> str:
    """Return a route as one line: its length, its passages, and the ways around them."""
    ways = [
        f"without {way['avoiding']} {way['distance_nm']:,.0f} nm"
        for way in properties["alternatives"]
    ]
    by = f" by {', '.join(properties['passages'])}" if properties["passages"] else ""
    return "; ".join([f"{properties['distance_nm']:,.0f} nm{by}", *ways])


def _via(text: str) -> str | tuple[float, float]:
    return place(text, "--via") if "," in text else text


_ENDS = ("from_lat", "from_lon", "to_lat", "to_lon")


def _many(pairs: Path, output: Path | None, options: dict[str, Any]) -> None:
    from vesseltrack.exports import writing_whole
    from vesseltrack.routing import shortest_routes

    names, rows = _read_pairs(pairs)
    ends = [[float(row[name]) for row in rows] for name in _ENDS]
    routes = shortest_routes(*ends, **options)
    kept = [name for name in names if name not in {"distance_nm", "status"}]
    table = [[*kept, "distance_nm", "status"]]
    for row, found in zip(rows, routes, strict=True):
        answer = ("", str(found)) if isinstance(found, Exception) else (found.distance_nm, "ok")
        table.append([*(row[name] for name in kept), *answer])
    if output is None:
        csv.writer(sys.stdout, lineterminator="\n").writerows(table)
        return
    with (
        writing_whole(output, allowed=(".csv",)) as path,
        path.open("w", encoding="utf-8", newline="") as file,
    ):
        csv.writer(file).writerows(table)


def _read_pairs(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            names = list(reader.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path} cannot be read as CSV: {error}"
        raise InputError(msg) from error
    missing = [name for name in _ENDS if name not in names]
    if missing:
        msg = f"{path} needs columns {', '.join(_ENDS)}; missing: {', '.join(missing)}"
        raise InputError(msg)
    for number, row in enumerate(rows, start=2):
        for name in _ENDS:
            try:
                bound = 90.0 if name.endswith("lat") else 360.0
                fits = abs(float(row[name])) <= bound
            except (TypeError, ValueError):
                fits = False
            if not fits:
                msg = f"{path} line {number}: {name} must be degrees; got {row[name]!r}"
                raise InputError(msg)
    return names, rows
