"""Static charts: one row of a store over the shipped land; a voyage against its route."""

from vesseltrack.plots.row import plot_row

__all__ = ["plot_row"]
