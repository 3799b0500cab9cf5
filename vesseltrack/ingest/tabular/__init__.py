"""CSV archives to rows: the well-formed bulk as columns, every other line on its own."""
