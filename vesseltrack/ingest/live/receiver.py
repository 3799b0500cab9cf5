"""All feeds received in one thread, so that whoever reads them may take his time."""

import contextlib
import queue
import random
import socket
import threading
import time
from collections.abc import Sequence
from typing import Final

from vesseltrack.config.live import LiveConfig
from vesseltrack.ingest.live.address import Address
from vesseltrack.ingest.live.desk import Clocks, Desk
from vesseltrack.ingest.live.dialling import Dialler
from vesseltrack.ingest.live.inbox import Arrival, Inbox, SenderKey
from vesseltrack.ingest.live.ports import Port, opened

_ROUND_S: Final = 0.5
_TEND_S: Final = 0.1  # how often time-outs are looked at, however much comes
_LAST_S: Final = 1.0  # at most, where datagrams never cease


class Receiver:
    """Brings in feeds, in a thread of its own once it is started, or step by step without one."""

    def __init__(
        self, addresses: Sequence[Address], config: LiveConfig, clocks: Clocks | None = None
    ) -> None:
        """Listen from now on.

        Raises
        ------
        SourceError
            If that is not possible at an address.
        """
        self._desk = Desk(config, clocks or Clocks(), Inbox(config))
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.settimeout(0)
        self._desk.watch(self._woken, self._wake_up)
        self._ports: list[Port] = []
        self._is_woken = True
        self._tend_due_s = 0.0
        self._unwanted: queue.SimpleQueue[SenderKey] = queue.SimpleQueue()
        self._is_ending = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="receive", daemon=True)
        try:
            for feed, address in enumerate(addresses):
                self._ports.append(opened(address, feed, self._desk, self._dialler))
        except BaseException:
            self.close()
            raise

    @property
    def names(self) -> list[str]:
        """The names of the feeds, in the order of their addresses."""
        return [port.address.name for port in self._ports]

    @property
    def n_senders(self) -> int:
        """How many senders are heard."""
        return sum(port.n_senders for port in self._ports)

    @property
    def problems(self) -> dict[str, str]:
        """By name of the feed, why nothing can come in."""
        return {p.address.name: p.problem for p in self._ports if p.problem is not None}

    def start(self) -> None:
        """Receive in a thread."""
        self._thread.start()

    def take(self, timeout_s: float) -> list[Arrival]:
        """Return what has arrived, in order; see `Inbox.take`."""
        if self._failure is not None:
            raise self._failure
        arrivals = self._desk.inbox.take(timeout_s)
        if arrivals:
            self.wake()  # whoever was paused has room
        return arrivals

    def wake(self) -> None:
        """Have the next step begin at once."""
        # Where it is full, it is awake.
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def step(self, timeout_s: float) -> int:
        """Take in what comes within a time [s]; return how many sockets brought something."""
        now_s = self._desk.clocks.steady_s()
        if self._is_woken or now_s >= self._tend_due_s:
            self._is_woken = False
            self._tend_due_s = now_s + _TEND_S
            self._dismiss()
            for port in self._ports:
                port.tend()
        return self._serve(timeout_s)

    def dismiss(self, sender: SenderKey) -> None:
        """Have nothing more to do with a sender, from the next step on."""
        self._unwanted.put(sender)
        self.wake()

    def stop(self) -> None:
        """End the thread; `rest` and `step` still take in what comes."""
        self._is_ending.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join()

    def rest(self) -> list[Arrival]:
        """Return, without a thread, what has reached us so far, as far as there is room for it."""
        until_s = time.monotonic() + _LAST_S
        while self.step(0.0) and time.monotonic() < until_s:
            pass
        return self.take(0.0)

    def close(self) -> None:
        """End every sender, which is the last that `take` tells, and listen no longer."""
        for port in self._ports:
            port.close()
        self._desk.leave(self._woken)
        self._desk.selector.close()
        self._woken.close()
        self._waker.close()

    def _serve(self, timeout_s: float) -> int:
        ready = self._desk.selector.select(timeout_s)
        watched = self._desk.selector.get_map()
        for key, _ in ready:
            if watched.get(key.fd) is key:  # else the one before it has ended it
                key.data()
        return len(ready)

    def _run(self) -> None:
        try:
            while not self._is_ending.is_set():
                self.step(_ROUND_S)
        except BaseException as failure:  # noqa: BLE001 - told by `take`, where it is heard
            self._failure = failure
            self._desk.inbox.press()

    def _dismiss(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                sender = self._unwanted.get_nowait()
                self._ports[sender[0]].dismiss(sender)

    def _wake_up(self) -> None:
        self._is_woken = True
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)

    def _dialler(self, address: Address) -> Dialler:
        uniform = random.Random().random  # noqa: S311 - jitter, no secret
        return Dialler(address, self._desk.config, uniform=uniform, wake=self.wake)
