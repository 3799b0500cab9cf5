"""Settings of live feeds: how they are received, and how often they are stored."""

from dataclasses import dataclass, fields

from vesseltrack.config.settings import setting
from vesseltrack.errors import ConfigError

_KIB = 1 << 10
_MIB = 1 << 20


@dataclass(frozen=True)
class LiveConfig:
    """How live feeds are received and stored; the longest line is that of `[ingest]`."""

    max_senders: int = setting(
        256,
        unit="senders",
        source="ours: connections, or addresses that send datagrams, of one feed; a national "
        "network has some hundred stations behind few relays",
    )
    max_open_messages: int = setting(
        100,
        unit="messages",
        source="ours: of one sender, waiting for parts: sequence ids return after ten, two "
        "channels and some stations behind a relay; 60 MB for all senders",
    )
    idle_s: float = setting(
        300.0,
        unit="s",
        source="ours: base stations report every 10 s; a sender without a whole line for so long "
        "is let go",
    )
    connect_s: float = setting(10.0, unit="s", source="ours: a handshake takes below a second")
    first_retry_s: float = setting(1.0, unit="s", source="ours: a relay that restarts is back")
    max_retry_s: float = setting(60.0, unit="s", source="ours: one try a minute disturbs nobody")
    retry_jitter_frac: float = setting(
        0.5, unit="-", source="ours: receivers of one relay do not return all at once"
    )
    max_sender_bytes: int = setting(
        512 * _KIB,
        unit="bytes",
        source="ours: received of one sender and not yet read; half a second of 20,000 "
        "messages/s; more waits with its sender",
    )
    max_datagram_bytes: int = setting(
        16 * _MIB,
        unit="bytes",
        source="ours: as above, of an address that sends datagrams, which cannot wait; a quarter "
        "of a minute of 20,000 messages/s, while days are sorted",
    )
    max_turn_bytes: int = setting(
        128 * _KIB,
        unit="bytes",
        source="measured: read of one sender before others have their turn; 5 ms of "
        "sentences, 0.4 s of the worst garbage",
    )
    max_bad_lines: int = setting(
        10_000,
        unit="lines",
        source="ours: rejected lines of one sender in a row; then it is let go, as no receiver of "
        "AIS sends so",
    )
    max_buffer_bytes: int = setting(
        32 * _MIB,
        unit="bytes",
        source="ours: received of all and not yet read; half a minute of 20,000 messages/s",
    )
    read_s: float = setting(
        0.1, unit="s", source="ours: a block of lines costs 2 ms however small it is"
    )
    commit_s: float = setting(
        5.0, unit="s", source="ours: what a killed process loses at most, for a commit of 0.1 s"
    )
    commit_rows: int = setting(
        100_000, unit="rows", source="ours: 5 s of 20,000 positions/s; 20 MB of memory"
    )
    fold_s: float = setting(
        60.0, unit="s", source="ours: how soon what was stored is seen in `positions`"
    )
    fold_frac: float = setting(
        0.1, unit="-", source="ours: the share of its time that a feed may be sorted into days"
    )
    finish_s: float = setting(
        4.0, unit="s", source="ours: to read and sort what has reached us at the end, of 10 s"
    )
    max_source_lines: int = setting(
        1_000_000_000,
        unit="lines",
        source="ours: a row of `sources` for each so many lines of a feed: numbers have 31 bits",
    )
    max_source_rejects: int = setting(
        1_000_000, unit="lines", source="ours: as above, for rejected lines, which are merged"
    )

    lateness_s: float = setting(
        1.0,
        unit="s",
        source="ours: how much later than others a position may come and still be seen live; what "
        "an alert waits for; receivers that lag more need more",
    )
    alone_s: float = setting(
        30.0,
        unit="s",
        source="ours: how far behind our own clock a vessel is believed that none confirms",
    )
    min_heard: int = setting(
        3,
        unit="vessels",
        source="ours: have reached a time before it counts as passed; one or two whose clocks "
        "are wrong move nothing",
    )
    max_ahead_rows: int = setting(
        200_000, unit="rows", source="ours: waiting for a time that no others have reached; 40 MB"
    )
    push_s: float = setting(
        0.3,
        unit="s",
        source="measured: how often the engine is shown what came; of a fleet of 42,000 a push "
        "takes 0.05 s before its rows",
    )
    look_s: float = setting(
        0.25,
        unit="s",
        source="ours: how often events under way are looked at, with every push: a rule that is "
        "met is told with it",
    )
    look_frac: float = setting(
        0.2, unit="-", source="ours: the share of its time that a kind may be looked at"
    )
    revise_s: float = setting(
        60.0,
        unit="s",
        source="ours: how often an event is told again of which nothing but its end has changed",
    )
    told_s: float = setting(
        60.0,
        unit="s",
        source="ours: how often the names and types of vessels are brought up to date; class A "
        "sends them every 6 min",
    )
    memory_h: float = setting(
        48.0,
        unit="h",
        source="ours: a vessel silent for longer is as one never heard; what a start without a "
        "saved state reads again",
    )
    recent_fixes: int = setting(
        1000,
        unit="fixes",
        source="ours: of an MMSI with impossible steps, looked back on for whether two "
        "transmitters send at once; two hours of one a few seconds",
    )
    max_reports: int = setting(
        100, unit="reports", source="ours: static reports kept of a vessel, only changed ones come"
    )
    feed_bytes: int = setting(
        64 * _MIB,
        unit="bytes",
        source="ours: what the alert feed may take up, some 40,000 alerts",
    )
    show_s: float = setting(
        1.0,
        unit="s",
        source="ours: how often latest positions are written for the map; an eye sees no more",
    )
    show_frac: float = setting(
        0.05, unit="-", source="ours: the share of its time that leads may be ranked anew"
    )
    shown_h: float = setting(
        6.0,
        unit="h",
        source="ours: a vessel not heard for longer is not among the latest positions; satellites "
        "pass every few hours",
    )
    state_s: float = setting(
        60.0,
        unit="s",
        source="ours: how often the engine's state is saved; a restart pushes so much again",
    )
    catch_up_rows: int = setting(
        200_000, unit="rows", source="ours: stored rows shown to the engine at a time; 15 MB"
    )

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                msg = f"{field.name} must be positive [{field.metadata['unit']}]; got {value}"
                raise ConfigError(msg)
        for name in ("max_sender_bytes", "max_datagram_bytes"):
            if getattr(self, name) > self.max_buffer_bytes:
                msg = (
                    f"{name} must be at most max_buffer_bytes ({self.max_buffer_bytes}); "
                    f"got {getattr(self, name)}"
                )
                raise ConfigError(msg)
