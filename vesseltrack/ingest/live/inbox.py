"""What was received and not yet read: from one thread to another, in bounded memory."""

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

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

    def __init__(self, max_sender_bytes: int, max_bytes: int) -> None:
        """Start with nothing."""
        self._max_sender_bytes = max_sender_bytes
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._arrivals: deque[Arrival] = deque()
        self._by_sender: Counter[SenderKey] = Counter()
        self._n_bytes = 0
        self._is_pressing = False

    def has_room(self, sender: SenderKey) -> bool:
        """Return whether more of a sender may be put in."""
        with self._changed:
            fits = self._n_bytes < self._max_bytes
            fits = fits and self._by_sender[sender] < self._max_sender_bytes
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
        """Return all that is in, after a time in which more may come, or at once if it presses."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_pressing, timeout_s)
            arrivals = list(self._arrivals)
            self._arrivals.clear()
            self._by_sender.clear()
            self._n_bytes = 0
            self._is_pressing = False
            return arrivals

    def _press(self) -> None:
        self._is_pressing = True
        self._changed.notify_all()
