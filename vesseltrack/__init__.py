"""Which vessels should be looked at first, and why: AIS archives and feeds to ranked leads."""
