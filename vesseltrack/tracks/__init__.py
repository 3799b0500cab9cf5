"""The tracks stage."""
