"""Static charts: one row of a store over the shipped land; a voyage against its route."""

from vesseltrack.plots.row import plot_row
from vesseltrack.plots.voyage import VoyageChart, plot_voyage

__all__ = ["VoyageChart", "plot_row", "plot_voyage"]
