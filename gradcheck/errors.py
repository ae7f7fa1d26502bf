"""One small class per mistake that a person can make; the doors print them and never a traceback."""


class GradcheckError(Exception):
    """Something the user can mend: the message says what was wrong, where, and what to do."""


class NotationError(GradcheckError):
    """A text that is not in the notation: keeps the text and the place, for a caret under it."""

    def __init__(self, message: str, text: str, place: int) -> None:
        super().__init__(message)
        self.message, self.text, self.place = message, text, place

    def __reduce__(self) -> tuple[type, tuple[str, str, int]]:
        """How it travels from the process that a target runs in."""
        return type(self), (self.message, self.text, self.place)

    def __str__(self) -> str:
        start = max(0, self.place - 60)
        line = "".join(c if c.isprintable() else " " for c in self.text[start : self.place + 20])
        return f"{self.message}\n    {line}\n    {' ' * (self.place - start)}^"


class ClaimsError(GradcheckError):
    """A claims file that cannot be used, with the file, the line and what was expected."""


class LayerError(GradcheckError):
    """A layer that reads outside its operands, or in a way that no rule covers."""


class UnknownClaim(GradcheckError):
    """A claim id that the claims file does not have."""


class Untestable(GradcheckError):
    """Hypotheses that no small sizes satisfy: nothing would be tested, which is no success."""


class CouldNotRun(Exception):
    """Something that was asked for and could not be done, through no fault of the input; and what would help."""


class Disagreement(Exception):
    """The two engines contradict each other, which is a fault of gradcheck itself."""


class TargetError(GradcheckError):
    """A target that cannot be found, imported, built or recognised, and what to do about it."""


class TargetRaised(CouldNotRun):
    """An exception out of the target's own code: `stage` says where, `trace` has the user's own frames."""

    def __init__(self, stage: str, message: str, trace: str = "") -> None:
        super().__init__(f"{stage} raised {message}{trace and chr(10) + trace}")
        self.stage, self.message, self.trace = stage, message, trace

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        """How it travels from the process that the target runs in."""
        return type(self), (self.stage, self.message, self.trace)


class TargetStopped(CouldNotRun):
    """A target that took too long, asked for too much memory, or took its process down with it."""
