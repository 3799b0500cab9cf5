"""What was received and not yet read: from one thread to another, in bounded memory."""

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from vesseltrack.config.live import LiveConfig

# What an item takes beside its bytes: a sender may send them one by one.
ITEM_BYTES: Final = 200

SenderKey = tuple[int, str]  # the number of the feed, and a name of the sender within it


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes of a sender, or its end.

    Attributes
    ----------
    sender : (int, str)
        The number of the feed, and the sender within it.
    data : bytes
        As they came; empty when the sender has ended.
    arrived_us : int
        When they came [us].
    dropped : str or None
        Why these bytes are not to be read; their lines are counted.
    """

    sender: SenderKey
    data: bytes
    arrived_us: int
    dropped: str | None = None

    @property
    def size_bytes(self) -> int:
        """How much memory it takes, about [bytes]."""
        return len(self.data) + ITEM_BYTES


class Inbox:
    """Arrivals in order; there is room as long as neither a sender nor all have too much in it."""

    def __init__(self, config: LiveConfig) -> None:
        """Start with nothing."""
        self._config = config
        self._changed = threading.Condition()
        self._arrivals: deque[Arrival] = deque()
        self._by_sender: Counter[SenderKey] = Counter()
        self._n_bytes = 0
        self._is_pressing = False

    def has_room(self, sender: SenderKey, max_bytes: int) -> bool:
        """Return whether more of a sender may be put in, of whom so much may be in it [bytes]."""
        with self._changed:
            fits = self._n_bytes < self._config.max_buffer_bytes
            fits = fits and self._by_sender[sender] < max_bytes
            if not fits:
                self._press()
            return fits

    def put(self, arrival: Arrival) -> None:
        """Put something in, whether there is room or not."""
        with self._changed:
            self._arrivals.append(arrival)
            self._by_sender[arrival.sender] += arrival.size_bytes
            self._n_bytes += arrival.size_bytes

    def press(self) -> None:
        """Let nobody wait who waits to take things out."""
        with self._changed:
            self._press()

    def take(self, timeout_s: float) -> list[Arrival]:
        """Return what is in, after a time in which more may come, or at once if it presses.

        Of a sender that has sent more than a turn, the rest stays for the next time.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_pressing, timeout_s)
            taken: list[Arrival] = []
            left: deque[Arrival] = deque()
            turns: Counter[SenderKey] = Counter()
            for arrival in self._arrivals:
                is_mine = turns[arrival.sender] < self._config.max_turn_bytes
                (taken if is_mine else left).append(arrival)
                turns[arrival.sender] += arrival.size_bytes
            for arrival in taken:
                self._by_sender[arrival.sender] -= arrival.size_bytes
                self._n_bytes -= arrival.size_bytes
            self._by_sender += Counter()  # forget those of whom nothing is left
            self._arrivals = left
            self._is_pressing = bool(left)
            return taken

    def _press(self) -> None:
        self._is_pressing = True
        self._changed.notify_all()
