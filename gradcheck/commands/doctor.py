"""gradcheck doctor: what is installed, and whether it works."""

import platform
import re
import shutil
import subprocess
import sys
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

import click

from gradcheck.exits import COULD_NOT_RUN, guarded

States = tuple[tuple[str, str], ...]

DEVELOPERS = ("bench", "test")  # extras for those who work on gradcheck itself
PROGRAMS = ("pdflatex", "coqc")
ENGINES = {"symbolic": ("sympy", "gradcheck.symbolic.prove"), "numeric": ("numpy", "gradcheck.numeric.check")}
TRIED = "output-size"
LAYERS = 3
TIME_LIMIT = 10  # seconds for a program to say its version
MAX_SAID = 100  # characters of what others say
_EXTRA = re.compile(r"(?P<name>[\w.-]+)[^;]*;.*\bextra\s*==\s*[\"'](?P<extra>[\w.-]+)")


@click.command()
@guarded
def doctor() -> int:
    """Say what is installed, and whether it works.

    Exits with 0 if the engines can verify a claim, and with 3 if they cannot.
    """
    tried, works = engines()
    sections = {"": itself(), "engines": tried, "extras": extras(), "pytest": plugin(), "programs": programs()}
    for title, states in sections.items():
        if title:
            click.echo(f"\n{title}")
        for name, state in states:
            click.echo(f"{'  ' if title else ''}{name}".ljust(12) + f" {state}")
    return 0 if works else COULD_NOT_RUN


def itself() -> States:
    """What runs: gradcheck, Python and the platform."""
    home = Path(__file__).parent.parent
    return (
        ("gradcheck", f"{_version('gradcheck') or 'not installed: run from its source'}, in {home}"),
        ("Python", f"{platform.python_version()}, {platform.python_implementation()}, {sys.executable}"),
        ("platform", platform.platform()),
    )


def engines() -> tuple[States, bool]:
    """Each engine with its library, and whether both together verify a claim."""
    broken = {name: _failure(module) for name, (_, module) in ENGINES.items()}
    states = [(name, _engine(library, broken[name])) for name, (library, _) in ENGINES.items()]
    if any(broken.values()):
        return (*states, ("together", "not tried")), False
    told, works = _trial()
    return (*states, ("together", told)), works


def _engine(library: str, broken: str) -> str:
    told = f"{library} {_version(library) or 'not installed'}"
    return f"{told}; cannot be imported: {broken}; pip install --force-reinstall {library}" if broken else told


def _failure(module: str) -> str:
    """What importing a module raises; nothing if it can be imported."""
    try:
        import_module(module)
    except (Exception, SystemExit) as error:  # a broken library raises what it likes
        return _worded(error)
    return ""


def _trial() -> tuple[str, bool]:
    """What becomes of one claim of the document, and whether it is verified, as it must be."""
    try:
        from gradcheck.verification import verify

        found = verify(layers=LAYERS, claims=[TRIED])
    except (Exception, SystemExit) as error:
        return f"they do not work: verifying {TRIED} raised {_worded(error)}", False
    if found.interrupted:
        raise KeyboardInterrupt
    if found.verdict != "verified":
        return f"they do not work: {TRIED} holds, and is found {found[TRIED].status}; please report this", False
    return f"they work: {TRIED} proved for all sizes, and checked on {LAYERS} layers", True


def extras() -> States:
    """Each extra that a user may want, with what is installed of it."""
    try:
        asked = metadata.requires("gradcheck") or []
    except metadata.PackageNotFoundError:
        return (("none", "gradcheck is not installed, so they are not known"),)
    found: dict[str, list[str]] = {}
    for one in filter(None, map(_EXTRA.match, asked)):
        if one["extra"] not in DEVELOPERS:
            found.setdefault(one["extra"], []).append(_extra(one["extra"], one["name"]))
    return tuple((name, ", ".join(dict.fromkeys(states))) for name, states in sorted(found.items()))


def _extra(extra: str, name: str) -> str:
    """What is installed of one requirement of an extra."""
    version = _version(name)
    if version is None:
        return f"not installed: pip install 'gradcheck[{extra}]'"
    return f"{name} {version}"


def plugin() -> States:
    """Whether pytest finds gradcheck's plugin, and what runs it."""
    found = [entry.value for entry in metadata.entry_points(group="pytest11") if entry.name == "gradcheck"]
    libraries = (("pytest", "pytest"), ("xdist", "pytest-xdist"))
    return (
        ("plugin", found[0] if found else "not found by pytest: install gradcheck again"),
        *((name, _version(library) or f"not installed: pip install {library}") for name, library in libraries),
    )


def programs() -> States:
    """Each program that a report may need: where it is, and what it says of its version; and what makes PDFs."""
    found = {name: _program(shutil.which(name)) for name in PROGRAMS}
    return (*((name, state) for name, (state, _) in found.items()), ("PDF", _pdf(found["pdflatex"][1])))


def _program(path: str | None) -> tuple[str, bool]:
    """What is to be said of a program, and whether it works."""
    if not path:
        return "not installed", False
    said, works = _said(path)
    return (f"{path}: {said}" if works else f"{path} does not work: {said}"), works


def _pdf(pdflatex: bool) -> str:
    """What makes a PDF, as typesetting chooses it."""
    from gradcheck.typesetting import INSTALL

    if pdflatex:
        return "made by pdflatex"
    return "made by typst" if find_spec("typst") else f"cannot be made: {INSTALL}"


def _said(path: str) -> tuple[str, bool]:
    """The first line of what a program says to --version, and whether it ended well."""
    command = [path, "--version"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, check=False)
    except OSError as error:
        return error.strerror or str(error), False
    except subprocess.TimeoutExpired:
        return f"it did not end within {TIME_LIMIT} seconds", False
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    line = next((_shown(line) for line in lines if line.strip()), "it says nothing")
    return (line, True) if done.returncode == 0 else (f"exit code {done.returncode}: {line}", False)


def _version(library: str) -> str | None:
    """The installed version of a library, or None."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def _worded(error: BaseException) -> str:
    """An exception in one line."""
    text = next((line for line in str(error).splitlines() if line.strip()), "")
    return _shown(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _shown(line: str) -> str:
    """A line as it can be printed, and not too long."""
    return "".join(c if c.isprintable() else " " for c in line).strip()[:MAX_SAID]
