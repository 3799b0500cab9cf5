import dataclasses

import pytest

from detect_tables import DAY, T0, slice_of
from vesseltrack.config import Config
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import load_toml, with_values
from vesseltrack.detect import DETECTORS, make_detector, presets_of
from vesseltrack.errors import ConfigError
from vesseltrack.schema import EVENTS, KINDS

EVERY = [(kind, preset) for kind in DETECTORS for preset in presets_of(kind)]


def sections(section, path=""):
    """Every table of settings, with its path."""
    yield path, section
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if dataclasses.is_dataclass(value):
            yield from sections(value, f"{path}.{field.name}".lstrip("."))


def test_every_detector_is_a_kind_of_the_schema():
    assert set(DETECTORS) <= set(KINDS)


@pytest.mark.parametrize(("kind", "preset"), EVERY)
def test_each_preset_has_its_table_of_settings(kind, preset):
    tables = dict(sections(DetectConfig()))
    assert f"{kind}.{preset}" in tables


@pytest.mark.parametrize(("kind", "preset"), EVERY)
def test_nothing_gives_no_events(kind, preset):
    detector = make_detector(kind, DetectConfig(), (preset,))
    assert detector.kind == kind
    assert detector.flush().equals(EVENTS.empty())
    assert detector.push(slice_of(), T0).equals(EVENTS.empty())
    assert detector.push(slice_of(), T0 + 400 * DAY).equals(EVENTS.empty())
    assert detector.flush().equals(EVENTS.empty())


def test_default_is_what_runs_unless_asked():
    asked = make_detector("loitering", DetectConfig(), ("default",))
    assert type(make_detector("loitering", DetectConfig())) is type(asked)


@pytest.mark.parametrize(
    ("kind", "presets", "message"),
    [
        ("mutiny", None, "no detector is called 'mutiny'; there are route_deviation, loitering"),
        ("loitering", ("solas",), "loitering: no preset solas; there are default, gfw, starboard"),
        ("drifting", (), "drifting: no preset asked for; there are default"),
    ],
)
def test_what_does_not_exist_is_said(kind, presets, message):
    with pytest.raises(ConfigError, match=message):
        make_detector(kind, DetectConfig(), presets)


def test_every_setting_has_its_unit_and_source():
    for path, section in sections(DetectConfig()):
        for field in dataclasses.fields(section):
            if not dataclasses.is_dataclass(getattr(section, field.name)):
                assert field.metadata["unit"], f"{path}.{field.name}"
                assert field.metadata["source"], f"{path}.{field.name}"


def test_a_file_changes_a_preset(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text("[detect.loitering.default]\nmin_duration_h = 4\n")
    assert load_toml(path, Config).detect.loitering.default.min_duration_h == 4.0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"encounter": {"gfw": {"max_distance_m": -1.0}}},
            r"max_distance_m must be at least 0 \[m\]",
        ),
        ({"confidence": {"at_threshold": 1.5}}, r"at_threshold must be at most 1 \[fraction\]"),
        (
            {"drifting": {"default": {"min_length_m": float("nan")}}},
            "min_length_m must be at least",
        ),
    ],
)
def test_numbers_out_of_range_are_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        with_values(DetectConfig, values)


def test_a_class_that_does_not_exist_is_refused():
    config = with_values(DetectConfig, {"loitering": {"gfw": {"working_classes": ["canoe"]}}})
    with pytest.raises(ConfigError, match="canoe"):
        make_detector("loitering", config, ("gfw",))
