"""Kernels: numpy and scipy only, arrays in, arrays out; no table, file, log or library object."""
