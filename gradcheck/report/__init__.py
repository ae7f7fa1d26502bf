"""Reports in words and in data; nothing here computes a verdict."""
