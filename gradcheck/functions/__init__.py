"""Functions of the user's own, one module a framework, and the check of their gradients."""
