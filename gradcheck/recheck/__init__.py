"""Proofs re-checked from a JSON report alone: nothing else of gradcheck's is imported here."""
