"""Layers as users write them, right ones and ones with a single mistake: what a diagnosis is tried on."""
