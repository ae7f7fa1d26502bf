"""What a user says of a target, beside where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradcheck.conventions.alike import Like


@dataclass(frozen=True, slots=True)
class Said:
    """All of it; by default nothing.

    `layouts` are those of its arrays, by role; `options` are parameters of its constructor, or sizes; `flips` says
    whether it may be a true convolution, `like` what it must be like; `words` are how a command line says all that.
    """

    layouts: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    flips: tuple[bool, ...] = (False, True)
    like: Like | None = None
    words: tuple[str, ...] = ()

    @property
    def of_a_layer(self) -> bool:
        """Whether it is said of something that a line of notation describes."""
        return bool(self.layouts or len(self.flips) == 1 or self.like)
