"""The HTTP service of vesseltrack: reads a store, detects and computes nothing."""
