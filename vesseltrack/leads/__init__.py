"""The leads stage."""
