"""Claims are data: what a document says of a layer's sizes and gradients, read from a TOML file."""
