"""The numeric engine: claims checked on random layers, exactly, against finite differences."""
