"""When to try again what has failed: later each time, and never all at one moment."""

from collections.abc import Callable

from vesseltrack.config.live import LiveConfig


class BackOff:
    """The pauses between tries: each twice as long as the one before, up to a limit."""

    def __init__(self, config: LiveConfig, uniform: Callable[[], float]) -> None:
        """Start before the first failure; `uniform` gives random numbers from 0 to 1."""
        self._config = config
        self._uniform = uniform
        self._n_failures = 0

    def pause_s(self) -> float:
        """Return how long to wait after a further failure [s].

        A random share of it, up to the setting, is left out.
        """
        config = self._config
        # So many doublings pass any limit; a float would overflow after a thousand.
        longest_s = config.first_retry_s * 2.0 ** min(self._n_failures, 32)
        self._n_failures += 1
        jitter_frac = min(config.retry_jitter_frac, 1.0) * self._uniform()
        return min(longest_s, config.max_retry_s) * (1 - jitter_frac)

    def succeed(self) -> None:
        """Begin again with short pauses."""
        self._n_failures = 0
