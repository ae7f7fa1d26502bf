"""Why an assertion failed: the diagnosis first, the command that shows it again last."""

from gradcheck.subject import Subject


def explained(subject: Subject, rerun: str) -> str:
    """What keeps a subject from being verified; `rerun` is the command of the test, or else the subject's own."""
    open_ = [part for part in subject.parts if part.open]
    told = [part for part in open_ if part.status == "failed"] or open_
    found = [line for part in told for line in part.told]
    command = rerun or subject.rerun
    return "\n".join([*found, f"in {subject.name} ({subject.title})", *([f"rerun: {command}"] if command else [])])
