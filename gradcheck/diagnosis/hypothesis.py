"""What a hypothesis offers: its cause, which variant it is, and what a target with this mistake would return."""

from collections.abc import Callable

from gradcheck.targets.exchange import Array

Tried = tuple[str, str, Callable[[], Array]]
