"""Reception measured from the vessels themselves: how often others were heard, and fell silent.

See `vessel_hours` for what a vessel-hour and a silence are. The chance of a silence in an area is
the share of other vessels' vessel-hours there that silences followed: near 1 at the edge of
reception, near 0 in well covered water.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.ais_gap import ReceptionConfig
from vesseltrack.core.records import Rows, take
from vesseltrack.core.runs import Ints
from vesseltrack.detect.others import WHOLE_ARCHIVE, Ledger, Question, others_in
from vesseltrack.detect.words import limit

Floats = npt.NDArray[np.float64]

# H3: twice the mean length of a cell's edge, rounded.
_KM_ACROSS: Final = {0: 2600, 1: 970, 2: 370, 3: 140, 4: 52, 5: 20, 6: 7.4, 7: 2.8}


def asked_of_others(
    question: Question,
    resolution: int,
    off_hour: Ints,
    ledgers: tuple[Ledger, Ledger],
    known_after_h: int,
    rule: ReceptionConfig,
) -> Rows:
    """Return what n silent vessels learn of others in the cells of a resolution.

    Parameters
    ----------
    question : Question
        Where and when each asks, up to the end of its silence.
    resolution : int
        Of H3, or `WHOLE_ARCHIVE`.
    off_hour : (n,)
        When each was heard last.
    ledgers : (Ledger, Ledger)
        Vessel-hours and silences of those to be counted.
    known_after_h : int
        So many hours after their own are silences known.
    rule : ReceptionConfig
        Settings.

    Returns
    -------
    found : Rows
        Columns of shape (n,), see `Silences.judged`; `lately_h`, the last hours with any other.
    """
    n = off_hour.size
    area = question.at(resolution)
    heard, begun = (others_in(ledger.rows, area, resolution) for ledger in ledgers)
    begun = begun.before(area.until_hour - known_after_h)
    return {
        "resolution": np.full(n, resolution),
        "n_vessel_hours": heard.total(n),
        "n_silences": begun.total(n),
        "n_others_silent": begun.since(off_hour).total(n),
        "heard_h": heard.since(off_hour + 1).n_hours(n),
        "lately_h": heard.since(area.until_hour - round(rule.still_heard_h)).n_hours(n),
    }


def of_runs(ledger: Ledger, steady_h: float, *, steady: bool) -> Ledger:
    """Return the rows of vessels that were heard steadily, or of those that were not."""
    part = Ledger()
    part.rows = take(ledger.rows, (ledger.rows["run_h"] >= steady_h) == steady)
    return part


def area_in_words(resolution: int) -> str:
    """Return how large the cells of a resolution are, to say where others were heard."""
    if resolution == WHOLE_ARCHIVE:
        return "the whole archive"
    return f"an area of {limit(_KM_ACROSS[resolution])} km"


def chance_of_silence(n_silences: Ints, n_vessel_hours: Ints, config: ReceptionConfig) -> Floats:
    """Return the chance that a vessel heard in an area goes unheard for long, shape (n,).

    The share of silences among vessel-hours, with the prior of the configuration added to both:
    without any record it is the prior's own share.
    """
    return (n_silences + config.prior_silences) / (n_vessel_hours + config.prior_hours)
