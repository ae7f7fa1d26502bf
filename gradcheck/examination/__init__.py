"""The hallway for targets: conventions found, layers checked exactly, mistakes named, all as one frozen value."""
