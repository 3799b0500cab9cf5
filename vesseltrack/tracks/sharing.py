"""Who sent each fix, told when it comes: for the few MMSI that ever made an impossible step."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vesseltrack.config.tracks import TransmitterConfig
from vesseltrack.core.identity import vessel_key
from vesseltrack.core.records import Row, Rows, n_rows, row_at
from vesseltrack.core.runs import Ints
from vesseltrack.core.transmitters import Chain, OpenChains, Report, are_several
from vesseltrack.tracks.fleet import chain_rule
from vesseltrack.units import E6

STRAY_KEY: Final = -1  # no vessel's
_CHAIN_FIELDS: Final = tuple(one.name for one in dataclasses.fields(Chain))


@dataclass
class _Sender:
    """What is known of one MMSI; `recent` says the chains of its last fixes."""

    mmsi: int
    open: OpenChains = field(default_factory=OpenChains)
    recent: list[int] = field(default_factory=list)
    is_several: bool = False
    several_us: int = 0  # since when it is known to have several
    own_chain: int = 0  # of several, the one that keeps the plain identifier
    last_us: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is left of the impossible step: one believed chain."""
        only = self.open.chains
        return not self.is_several and len(only) == 1 and only[0].is_believed


class Sharing:
    """The MMSI whose fixes are given to transmitters one by one.

    As in `fleet`, but for what only later fixes tell: a chain is believed from its own last fix
    on, two transmitters are two from the fix on that shows it, and they are told apart strictly
    from there on.

    Parameters
    ----------
    config : TransmitterConfig
        When fixes follow one another, and when a chain of them is believed.
    max_recent : int
        How many fixes of an MMSI are looked back on for whether it has several transmitters.
    max_silence_us : int
        An MMSI not heard for longer is one that was never heard [us].
    """

    def __init__(self, config: TransmitterConfig, max_recent: int, max_silence_us: int) -> None:
        self._rule = chain_rule(config)
        self._max_recent = max_recent
        self._max_silence_us = max_silence_us
        self._senders: dict[int, _Sender] = {}

    @property
    def mmsi(self) -> Ints:
        """The MMSI that are looked at, rising."""
        return np.array(sorted(self._senders), dtype=np.int64)

    def is_several(self, mmsi: int, t_us: int) -> bool:
        """Return whether an MMSI was known to have several transmitters at a time [us]."""
        sender = self._senders.get(mmsi)
        return sender is not None and sender.is_several and sender.several_us <= t_us

    def begin(self, mmsi: int, last: Row | None) -> None:
        """Look at an MMSI from now on.

        Parameters
        ----------
        mmsi : int
            Which.
        last : Row or None
            Its track so far, the first chain: `n` fixes, of the first `first_us`, `first_lat` and
            `first_lon`, and of the last `t_us`, `lat`, `lon`, `cell_m`, `sog_kn`, `cog_deg` and
            `ais_class`.
        """
        sender = self._senders[mmsi] = _Sender(mmsi)
        if last is not None:
            first = Chain(0, last["n"], last["first_us"], last["first_lat"], last["first_lon"])
            sender.open.begin(first, _report_of(last), self._rule)
            sender.recent = [0]
            sender.last_us = last["t_us"]

    def take(self, mmsi: int, report: Report) -> Ints:
        """Return the vessel key of each fix of an MMSI in order of time, or `STRAY_KEY`, (n,)."""
        return np.array(
            [self._key(mmsi, report, row) for row in range(report.t_us.size)], dtype=np.int64
        )

    def _key(self, mmsi: int, report: Report, row: int) -> int:
        sender, t_us = self._senders[mmsi], int(report.t_us[row])
        if sender.last_us is not None and t_us - sender.last_us > self._max_silence_us:
            sender = self._senders[mmsi] = _Sender(mmsi)
        sender.last_us = t_us
        chain = sender.open.take(report, row, self._rule, strict=sender.is_several)
        sender.recent = [*sender.recent[1 - self._max_recent :], chain.number]
        believed = [one.number for one in sender.open.chains if one.is_believed]
        if not sender.is_several and len(believed) > 1:
            recent = np.array(sender.recent)
            among = np.intersect1d(believed, recent)
            sender.is_several = are_several(recent, among, self._rule.min_interleaved)
            sender.own_chain, sender.several_us = min(believed), t_us
        if sender.is_plain:
            # As if it had never left its way: so it is looked at no more.
            chain.number, sender.open.n_opened, sender.recent = 0, 1, [0]
        return self._key_of(sender, chain)

    def _key_of(self, sender: _Sender, chain: Chain) -> int:
        is_told = chain.is_believed
        if not any(one.is_believed for one in sender.open.chains):
            most = max(sender.open.chains, key=lambda one: (one.n_fixes, -one.number))
            is_told = chain is most
        if not is_told:
            return STRAY_KEY
        if not sender.is_several or chain.number == sender.own_chain:
            return vessel_key(sender.mmsi)
        first = chain.first_us, round(chain.first_lat * E6), round(chain.first_lon * E6)
        return vessel_key(sender.mmsi, first)

    def ended(self) -> dict[int, Chain]:
        """Look no more at the MMSI that are plain vessels again; return the track of each."""
        plain = [sender for sender in self._senders.values() if sender.is_plain]
        return {one.mmsi: self._senders.pop(one.mmsi).open.chains[0] for one in plain}

    def forget(self, oldest_us: int) -> None:
        """Look at no MMSI any more that was not heard since a time [us]."""
        self._senders = {
            mmsi: sender
            for mmsi, sender in self._senders.items()
            if sender.last_us is None or sender.last_us >= oldest_us
        }

    def parts(self) -> dict[str, Rows]:
        """Return everything as columns, by name."""
        senders = [self._senders[mmsi] for mmsi in sorted(self._senders)]
        chains = [(one.mmsi, chain) for one in senders for chain in one.open.chains]
        recent = [(one.mmsi, number) for one in senders for number in one.recent]
        return {
            "senders": {
                "mmsi": self.mmsi,
                "n_opened": np.array([one.open.n_opened for one in senders], dtype=np.int64),
                "is_several": np.array([one.is_several for one in senders], dtype=np.bool_),
                "own_chain": np.array([one.own_chain for one in senders], dtype=np.int64),
                "several_us": np.array([one.several_us for one in senders], dtype=np.int64),
                "last_us": np.array([one.last_us for one in senders], dtype=np.int64),
            },
            "chains": {
                "mmsi": np.array([mmsi for mmsi, _ in chains], dtype=np.int64),
                **{
                    name: np.array([getattr(chain, name) for _, chain in chains])
                    for name in _CHAIN_FIELDS
                },
            },
            "recent": {
                "mmsi": np.array([mmsi for mmsi, _ in recent], dtype=np.int64),
                "chain": np.array([number for _, number in recent], dtype=np.int64),
            },
        }

    def restore(self, parts: dict[str, Rows]) -> None:
        """Take up what `parts` gave."""
        self._senders = {}
        for row in _each(parts["senders"]):
            sender = self._senders[row["mmsi"]] = _Sender(
                row["mmsi"],
                is_several=row["is_several"],
                own_chain=row["own_chain"],
                several_us=row["several_us"],
                last_us=row["last_us"],
            )
            sender.open.n_opened = row["n_opened"]
        for row in _each(parts["chains"]):
            chain = Chain(**{name: row[name] for name in _CHAIN_FIELDS})
            self._senders[row["mmsi"]].open.chains.append(chain)
        for row in _each(parts["recent"]):
            self._senders[row["mmsi"]].recent.append(row["chain"])


def _each(rows: Rows) -> Iterator[Row]:
    return (row_at(rows, number) for number in range(n_rows(rows)))


def _report_of(last: dict[str, Any]) -> Report:
    """Return one fix as a report of its own."""
    floats = ("lat", "lon", "cell_m", "sog_kn", "cog_deg")
    return Report(
        t_us=np.array([last["t_us"]]),
        xyz=np.zeros((1, 3)),
        ais_class=np.array([last["ais_class"]]),
        **{name: np.array([last[name]], dtype=np.float64) for name in floats},
    )
