"""The routing stage."""
