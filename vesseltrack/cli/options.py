"""The options that several commands share, each defined once."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from vesseltrack.config import Config

DEFAULT_STORE = Path("vesseltrack-store")

StoreOption = Annotated[
    Path,
    typer.Option(
        "--store", envvar="VESSELTRACK_STORE", help="Folder of the store.", metavar="DIR"
    ),
]
PathsArgument = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="AIS archives; '-' reads standard input."),
]
FormatOption = Annotated[
    str,
    typer.Option("--format", help="auto, nmea, dma, marinecadastre or gfw.", metavar="NAME"),
]
StartOption = Annotated[
    str | None,
    typer.Option(
        "--start", help="Time of the first line of archives without times.", metavar="TIME"
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Settings in place of the defaults.", metavar="FILE.toml"),
]
CurrentsOption = Annotated[
    Path | None,
    typer.Option(
        "--currents",
        help="Current by time and place, CSV or Parquet, for drop_pickup.",
        metavar="FILE",
    ),
]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", help="Write the account of every line.", metavar="FILE.json"),
]
BBoxOption = Annotated[
    str | None,
    typer.Option("--bbox", help="West,south,east,north in degrees.", metavar="W,S,E,N"),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="Not before this time (UTC).", metavar="TIME")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Not after this time (UTC).", metavar="TIME")
]
MmsiOption = Annotated[int | None, typer.Option("--mmsi", help="Only this MMSI.", metavar="N")]
KindsOption = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Only this kind of behaviour; may be repeated.", metavar="KIND"),
]
PresetsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--preset",
        help="Preset for a kind, segments or port_calls; may be repeated.",
        metavar="KIND=NAME",
    ),
]


def configured(config: Path | None, currents: Path | None) -> "Config":
    """Return the settings of a file, or the defaults, with the field of current named beside.

    A field that cannot be used is refused now, not when all archives have been read.
    """
    from vesseltrack.config import load_config
    from vesseltrack.currents import read_currents

    settings = load_config(config)
    of_kind = settings.detect.drop_pickup
    if currents is not None:
        of_kind = replace(of_kind, default=replace(of_kind.default, currents=str(currents)))
        settings = replace(settings, detect=replace(settings.detect, drop_pickup=of_kind))
    if of_kind.default.currents:
        read_currents(Path(of_kind.default.currents), of_kind.default.current_error_kn)
    return settings


def chosen_presets(given: list[str] | None) -> dict[str, tuple[str, ...]]:
    """Return the presets by kind."""
    presets: dict[str, tuple[str, ...]] = {}
    for item in given or []:
        name, _, value = item.partition("=")
        if not value:
            msg = f"{item!r} must be KIND=NAME, for example loitering=gfw"
            raise typer.BadParameter(msg, param_hint="--preset")
        presets[name] = (*presets.get(name, ()), value)
    return presets


def archives(paths: list[str]) -> list[Path | Literal["-"]]:
    """Return what the user named as the archives to read."""
    return ["-" if path == "-" else Path(path) for path in paths]


def instant(text: str | None, option: str) -> dt.datetime | None:
    """Return ISO 8601 text as UTC; without an offset it is taken as UTC."""
    if text is None:
        return None
    try:
        parsed = dt.datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is not a time; write it as 2021-01-08 or 2021-01-08T12:00:00Z"
        raise typer.BadParameter(msg, param_hint=option) from error
    return parsed.replace(tzinfo=dt.UTC) if parsed.tzinfo is None else parsed.astimezone(dt.UTC)


def place(text: str, option: str) -> tuple[float, float]:
    """Return `LAT,LON` as degrees."""
    lat, lon = numbers(text, 2, option, "LAT,LON, for example 51.95,4.05")
    if not (-90 <= lat <= 90 and -360 <= lon <= 360):  # noqa: PLR2004 - degrees of a circle
        msg = f"{text!r}: latitude must lie in -90 to 90, longitude in -360 to 360"
        raise typer.BadParameter(msg, param_hint=option)
    return lat, lon


def box(text: str | None) -> tuple[float, float, float, float] | None:
    """Return `W,S,E,N` as degrees; west above east crosses the date line."""
    if text is None:
        return None
    west, south, east, north = numbers(text, 4, "--bbox", "W,S,E,N, for example 3,51,5,53")
    if south > north:
        msg = f"{text!r}: south {south} lies above north {north}"
        raise typer.BadParameter(msg, param_hint="--bbox")
    return west, south, east, north


def numbers(text: str, count: int, option: str, form: str) -> list[float]:
    """Return comma-separated finite numbers, exactly `count` of them."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count or not all(abs(value) < float("inf") for value in values):
        msg = f"{text!r} must be {form}"
        raise typer.BadParameter(msg, param_hint=option)
    return values
