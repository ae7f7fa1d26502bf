"""The symbolic engine: from a claim to its proof for all integers, or to its smallest counterexample."""
