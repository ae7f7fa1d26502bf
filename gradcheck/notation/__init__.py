"""The language everything is said in: size arithmetic, array formulas, and sums over index boxes."""
