"""A layer is one line of index notation."""
