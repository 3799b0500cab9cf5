"""Evidence to ranked leads: which vessels to look at first, and why."""

from vesseltrack.leads.ranking import rank_leads

__all__ = ["rank_leads"]
