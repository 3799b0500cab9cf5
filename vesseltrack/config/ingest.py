"""Settings of the ingest stage."""

from dataclasses import dataclass, fields

from vesseltrack.config.settings import section, setting
from vesseltrack.errors import ConfigError

_MIB = 1 << 20


def _check_positive(settings: object) -> None:
    """Refuse limits of zero or less: they would end every reading at once."""
    for field in fields(settings):  # type: ignore[arg-type]  # called with dataclasses alone
        value = getattr(settings, field.name)
        if isinstance(value, int | float) and value <= 0:
            msg = f"{field.name} must be positive [{field.metadata['unit']}]; got {value}"
            raise ConfigError(msg)


@dataclass(frozen=True)
class ArchiveConfig:
    """What a compressed archive may expand to before reading it stops."""

    max_expanded_bytes: int = setting(
        1 << 40, unit="bytes", source="ours: a year of a national CSV archive is below 1 TiB"
    )
    max_ratio: float = setting(
        1000.0, unit="expanded/stored", source="ours: real AIS text packs 3 to 30 times"
    )
    min_ratio_bytes: int = setting(
        256 * _MIB, unit="bytes", source="ours: small files may pack better than the ratio"
    )
    max_s: float = setting(
        6 * 3600.0, unit="s", source="ours: a day of a national archive takes a minute"
    )
    max_members: int = setting(2000, unit="files", source="ours: five years of daily files")
    max_layers: int = setting(3, unit="layers", source="ours: a gz in a zip has two")
    skip_members: tuple[str, ...] = setting(
        (
            *("licen[cs]e*", "copying*", "notice*", "readme*", "metadata*", "__macosx/*", ".*"),
            *("*.md", "*.pdf", "*.html", "*.htm", "*.xml", "*.doc", "*.docx", "*.png", "*.jpg"),
        ),
        unit="patterns of names, in lower case",
        source="ours: what accompanies data in public archives",
    )

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        _check_positive(self)


@dataclass(frozen=True)
class IngestConfig:
    """How bytes become positions, static reports and rejected lines."""

    archive: ArchiveConfig = section(ArchiveConfig)
    read_bytes: int = setting(_MIB, unit="bytes", source="ours: one read of a file")
    block_bytes: int = setting(
        6 * _MIB, unit="bytes", source="measured: smaller ones cost more each, larger more memory"
    )
    batch_rows: int = setting(
        400_000, unit="rows", source="measured: half as many take 7 % longer into the store"
    )
    sniff_bytes: int = setting(
        256 * 1024, unit="bytes", source="ours: AIS in a log of other sentences shows within it"
    )
    max_sentence_bytes: int = setting(
        1024, unit="bytes", source="ours: 82 characters in the standard, and tag blocks"
    )
    max_row_bytes: int = setting(
        65_536, unit="bytes", source="ours: rows of archives are below 1 KiB"
    )
    max_part_age_s: float = setting(
        5.0, unit="s", source="ours: the parts of a message leave a receiver together"
    )
    max_part_lines: int = setting(
        250, unit="lines", source="ours: for feeds without times; sequence ids return after ten"
    )
    max_open_messages: int = setting(
        1000, unit="messages", source="ours: stations times sequence ids of a national feed"
    )
    max_ahead_s: float = setting(
        600.0, unit="s", source="ours: clocks of receivers are minutes off, not more"
    )
    max_before_s: float = setting(
        3653 * 86_400.0,
        unit="s",
        source="ours: clocks that were reset lie decades before an archive's first times",
    )
    max_disorder_s: float = setting(
        60.0, unit="s", source="ours: archives are written in the order of receipt, nearly"
    )
    max_remembered_vessels: int = setting(
        1_000_000, unit="MMSI", source="ours: ten times the vessels that send AIS"
    )

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        _check_positive(self)
