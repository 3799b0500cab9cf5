"""How a setting is declared, with its unit and source, and how a TOML file changes it."""

import dataclasses
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

from vesseltrack.errors import ConfigError

Section = TypeVar("Section")


def setting(default: Any, *, unit: str, source: str) -> Any:  # noqa: ANN401 - a field of any type
    """Return a dataclass field that knows its unit and where its number comes from."""
    return dataclasses.field(default=default, metadata={"unit": unit, "source": source})


def section(kind: type[Section]) -> Section:
    """Return a dataclass field that holds a nested section with its defaults."""
    return dataclasses.field(default_factory=kind)


def load_toml(path: Path, kind: type[Section]) -> Section:
    """Return a section with the values of a TOML file in place of its defaults.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not TOML, or holds an unknown key or a wrong type; all
        complaints stand in one message.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"configuration {path.name} cannot be read: {error}"
        raise ConfigError(msg) from error
    except tomllib.TOMLDecodeError as error:
        msg = f"configuration {path.name} is not TOML: {error}"
        raise ConfigError(msg) from error
    return with_values(kind, values)


def with_values(kind: type[Section], values: dict[str, Any]) -> Section:
    """Return a section with some values replaced; see `load_toml` for what is refused."""
    complaints: list[str] = []
    result = _build(kind, values, "", complaints)
    if complaints:
        msg = "configuration: " + "; ".join(complaints)
        raise ConfigError(msg)
    return typing.cast("Section", result)


# Any section comes out, so its type is not known here.
def _build(kind: type[Any], values: dict[str, Any], where: str, complaints: list[str]) -> Any:  # noqa: ANN401
    hints = typing.get_type_hints(kind)
    known = {field.name: field for field in dataclasses.fields(kind)}
    changed = {}
    for name, value in values.items():
        path = f"{where}{name}"
        if name not in known:
            complaints.append(f"unknown key {path}; allowed here: {', '.join(sorted(known))}")
        elif dataclasses.is_dataclass(hints[name]) and isinstance(hints[name], type):
            if isinstance(value, dict):
                changed[name] = _build(hints[name], value, f"{path}.", complaints)
            else:
                complaints.append(f"{path} must be a table; got {value!r}")
        elif (converted := _converted(value, hints[name])) is not None:
            changed[name] = converted
        else:
            unit = known[name].metadata.get("unit", "")
            complaints.append(f"{path} must be {_type_name(hints[name])} [{unit}]; got {value!r}")
    try:
        return kind(**changed)
    except ConfigError as error:
        complaints.append(f"{where.rstrip('.')}: {error}")
        return kind()


def _converted(value: Any, hint: Any) -> Any:  # noqa: ANN401 - TOML values of any type
    """Return the value as the hinted type, or None when it is not one."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        options = (_converted(value, option) for option in typing.get_args(hint))
        return next((option for option in options if option is not None), None)
    if origin is tuple:
        item = typing.get_args(hint)[0]
        items = [_converted(v, item) for v in value] if isinstance(value, list) else [None]
        return None if None in items else tuple(items)
    if origin is dict:
        item = typing.get_args(hint)[1]
        if not isinstance(value, dict):
            return None
        pairs = {key: _converted(v, item) for key, v in value.items()}
        return None if None in pairs.values() else pairs
    if hint is float:
        return (
            float(value)
            if isinstance(value, int | float) and not isinstance(value, bool)
            else None
        )
    return value if type(value) is hint else None


def _type_name(hint: Any) -> str:  # noqa: ANN401 - any annotation
    return getattr(hint, "__name__", str(hint)) if typing.get_origin(hint) is None else str(hint)
