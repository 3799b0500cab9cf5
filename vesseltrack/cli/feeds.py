"""Live feeds: the command `listen`, and archives played to other programs."""

import gc
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from vesseltrack.cli import account
from vesseltrack.cli.alerts import AlertLines
from vesseltrack.cli.options import (
    DEFAULT_STORE,
    ConfigOption,
    CurrentsOption,
    KindsOption,
    PresetsOption,
    ReportOption,
    StoreOption,
    archives,
    chosen_presets,
    configured,
)
from vesseltrack.cli.text import terminal_safe
from vesseltrack.cli.unread import OutLines, is_read
from vesseltrack.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

    from vesseltrack.config import Config
    from vesseltrack.engine import Listened, Listener, Reading
    from vesseltrack.ingest.live import Address, Outlet

_SWITCH_S: Final = 0.0001
_STEP_S: Final = 1.0  # how often the line is drawn
_WIDTH: Final = 100


def listen(
    urls: Annotated[
        list[str],
        typer.Argument(
            metavar="URL...",
            help="tcp://HOST:PORT, tcp-listen://HOST:PORT, udp://HOST:PORT.",
        ),
    ],
    store: StoreOption = DEFAULT_STORE,
    detect: Annotated[
        bool, typer.Option("--detect/--no-detect", help="Look for events in what comes.")
    ] = True,
    kind: KindsOption = None,
    preset: PresetsOption = None,
    config: ConfigOption = None,
    currents: CurrentsOption = None,
    report: ReportOption = None,
) -> None:
    """Listen to live feeds of NMEA sentences, store their positions and tell of events.

    Ends with Ctrl-C or SIGTERM, once what was received is stored; run again, it goes on.

    Example: vesseltrack listen tcp://feed.example:4001 udp://0.0.0.0:10110 --store live
    """
    from vesseltrack import engine
    from vesseltrack.store import Store

    settings = configured(config, currents)
    addresses = [_address(url) for url in urls]
    opened = Store.open(store, create=True)
    # Who receives gets its turn this soon [s] while the other thread reads and stores: by the
    # default, of 5 ms, it would wait so long at every datagram.
    sys.setswitchinterval(_SWITCH_S)
    line = _Line(f"into {store} (Ctrl-C or SIGTERM ends)")
    presets = chosen_presets(preset)
    manner = engine.Manner(
        config=settings,
        tell=line.draw,
        engine=engine.LiveEngine(settings, kinds=kind, presets=presets) if detect else None,
        show=line.show,
    )
    listener = engine.Listener(opened, addresses, manner)
    with (
        account.reporting(report) as outcome,
        _ended_by_signals(listener, settings.live.finish_s),
        _without_old_garbage(),
    ):
        outcome.reports += listener.run().reports
    line.close()
    account.print_sources(outcome)
    unsorted = " (not sorted yet: detect does that first)" if listener.has_unsorted else ""
    typer.echo(
        f"Stored {sum(r.positions for r in outcome.reports):,} positions in {store}{unsorted}. "
        f"Voyages, events and leads: vesseltrack detect --store {store}"
    )


def play(paths: list[str], to: str, speed: float, reading: "Reading", settings: "Config") -> None:
    """Send the raw sentences of archives to another program; say on stderr how many."""
    from vesseltrack import engine
    from vesseltrack.cli.console import progress_bar
    from vesseltrack.ingest.live import TCP, UDP, StreamOutlet, outlet

    account.check_exist(paths, engine.IngestOutcome())
    if to == "-":
        target: Outlet = StreamOutlet(sys.stdout.buffer)
    else:
        target = outlet(_address(to, "--to", (TCP, UDP)), settings.live.connect_s)
    with closing(target), progress_bar() as progress:
        n_lines = engine.play_paths(
            archives(paths),
            target,
            pace=engine.Pace(speed),
            reading=reading,
            progress=progress,
        )
    typer.echo(f"{n_lines:,} lines sent", err=True)


def _address(url: str, option: str = "URL", schemes: tuple[str, ...] = ()) -> "Address":
    from vesseltrack.ingest.live import SCHEMES, address_of

    try:
        return address_of(url, schemes=schemes or SCHEMES)
    except SourceError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


@contextmanager
def _ended_by_signals(listener: "Listener", finish_s: float) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end listening in good order, and in time."""

    def stop(_number: int, _frame: Any) -> None:  # noqa: ANN401 - a frame of the interpreter
        listener.stop()
        signal.setitimer(signal.ITIMER_REAL, finish_s)

    def hurry(_number: int, _frame: Any) -> None:  # noqa: ANN401 - as above
        listener.hurry()

    handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGALRM: hurry}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _without_old_garbage() -> Iterator[None]:
    """Have what stands now passed over by the search for garbage, which holds alerts up."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _Line:
    """Says where it listens, once, and how far it has come, on a terminal."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._is_announced = False
        self._drawn_s = time.monotonic()
        self._messages = 0
        self._out = OutLines(sys.stdout)
        self._alerts = AlertLines(self._out.put)

    def show(self, events: "pa.Table", names: Mapping[int, str]) -> None:
        """Print alerts above the line."""
        self.clear()
        self._alerts.show(events, names)

    def draw(self, heard: "Listened") -> None:
        """Draw the line anew, once a second."""
        if not self._is_announced:
            typer.echo(f"Listening: {', '.join(heard.feeds)} {self._where}")
            self._is_announced = True
        self._out.flush()
        now_s = time.monotonic()
        if now_s - self._drawn_s < _STEP_S or not _is_terminal():
            return
        rate = (heard.messages - self._messages) / (now_s - self._drawn_s)
        self._drawn_s, self._messages = now_s, heard.messages
        text = (
            f"{rate:,.0f} messages/s, {heard.senders:,} senders, {heard.vessels:,} vessels, "
            f"{heard.rejected:,} rejected, {heard.stored:,} rows stored"
        )
        for name, problem in heard.problems.items():
            text += f"; {name}: {problem}"
        text = terminal_safe(text)[:_WIDTH]
        print(f"\r{text:<{_WIDTH}}", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End with an empty line, and with all alerts shown or counted."""
        self.clear()
        self._out.close()

    def clear(self) -> None:
        """Leave an empty line behind."""
        if _is_terminal():
            print(f"\r{'':<{_WIDTH}}\r", end="", file=sys.stderr, flush=True)


def _is_terminal() -> bool:
    """Return whether there is a terminal to draw on that is not held."""
    return sys.stderr.isatty() and is_read(sys.stderr.fileno())
