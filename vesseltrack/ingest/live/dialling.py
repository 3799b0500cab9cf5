"""Connecting to a feed, again and again, without holding up the others."""

import queue
import socket
import threading
from collections.abc import Callable

from vesseltrack.config.live import LiveConfig
from vesseltrack.ingest.live.address import Address
from vesseltrack.ingest.live.backoff import BackOff

Connect = Callable[[Address, float], socket.socket]


def connect(address: Address, timeout_s: float) -> socket.socket:
    """Return a connection to an address.

    Raises
    ------
    OSError
        If there is none within the time.
    """
    return socket.create_connection((address.host, address.port), timeout_s)


class Dialler:
    """Makes one connection at a time, in a thread of its own: finding a name may take long.

    Attributes
    ----------
    problem : str or None
        Why there is no connection.
    """

    def __init__(
        self,
        address: Address,
        config: LiveConfig,
        *,
        uniform: Callable[[], float],
        wake: Callable[[], None],
        connect: Connect = connect,
    ) -> None:
        """Name the address; `wake` is called when `take` has something to say."""
        self.problem: str | None = "not connected yet"
        self._address = address
        self._connect_s = config.connect_s
        self._back_off = BackOff(config, uniform)
        self._wake = wake
        self._connect = connect
        self._answers: queue.SimpleQueue[socket.socket | OSError] = queue.SimpleQueue()
        self._due_s: float | None = 0.0

    def dial(self, now_s: float) -> None:
        """Begin a try if one is due."""
        if self._due_s is not None and self._due_s <= now_s:
            self._due_s = None
            threading.Thread(target=self._try, name="dial", daemon=True).start()

    def take(self, now_s: float) -> socket.socket | None:
        """Return the connection that was made, once; a try that failed sets the next one."""
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            return None
        if isinstance(answer, OSError):
            self._fail(answer.strerror or str(answer), now_s)
            return None
        self.problem = None
        return answer

    def lose(self, now_s: float, *, was_useful: bool) -> None:
        """Note that the connection has ended; one that gave lines is tried again soon."""
        if was_useful:
            self._back_off.succeed()
        self._fail("the connection has ended", now_s)

    def _fail(self, problem: str, now_s: float) -> None:
        self.problem = problem
        self._due_s = now_s + self._back_off.pause_s()

    def _try(self) -> None:
        try:
            self._answers.put(self._connect(self._address, self._connect_s))
        except OSError as error:
            self._answers.put(error)
        except UnicodeError as error:  # a host that is no name
            self._answers.put(OSError(0, f"no host has this name: {error}"))
        self._wake()
