"""From an address to the target that stands there."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from gradcheck.errors import TargetError, TargetRaised
from gradcheck.notation.scanner import suggestion
from gradcheck.targets.address import Address, parse_address
from gradcheck.targets.recognise import Target, recognise, targets_in
from gradcheck.targets.running import generators_kept
from gradcheck.targets.traces import trimmed


def load(address: Address) -> Target:
    """The target at an address. Raises TargetError if there is none, TargetRaised if its module raises."""
    module = _module(address)
    if not address.name:
        return recognise(_only(module, address), module)
    found: object = module
    for part in address.name.split("."):
        if not hasattr(found, part):
            near = suggestion(part, targets_in(module) or [n for n in vars(module) if not n.startswith("_")])
            raise TargetError(f"{address.place} has no {address.name}{near}")
        found = getattr(found, part)
    return recognise(found, module)


@contextmanager
def at_hand(layer: object) -> Iterator[tuple[Target, str]]:
    """A layer, or what stands at an address, as a target in this process, and where it stands.

    A file that is loaded by its address takes no module's place, and leaves nothing on the path; nor does
    what is done with the target leave anything in the global random generators.
    Raises TargetError for what is no target.
    """
    path, modules = sys.path.copy(), sys.modules.copy()
    try:
        with generators_kept():
            yield _at_hand(layer)
    finally:
        sys.path[:] = path
        sys.modules.update(modules)


def _at_hand(layer: object) -> tuple[Target, str]:
    if not isinstance(layer, str):
        return recognise(layer), _called(layer)
    address = parse_address(layer)
    if not address:
        raise TargetError(f"{layer!r} is no target: give path/to/file.py:Name or package.module:Name")
    return load(address), layer


def _called(layer: object) -> str:
    """Where a layer stands, as the command line has it: path/to/file.py:Name."""
    name = getattr(layer, "__qualname__", str(layer))
    try:
        path = Path(inspect.getsourcefile(layer) or "")  # type: ignore[arg-type] # anything else raises TypeError
    except TypeError:
        return f"{getattr(layer, '__module__', '?')}:{name}"
    home = Path.cwd()
    return f"{path.relative_to(home) if path.is_relative_to(home) else path}:{name}"


def _module(address: Address) -> ModuleType:
    name, home = address.place, Path.cwd()
    if address.is_file:
        path = Path(address.place)
        if not _is_file(path):
            raise TargetError(f"{path}: there is no such file")
        home, name = path.resolve().parent, path.stem.replace(".", "_")
        while (home / "__init__.py").exists():
            home, name = home.parent, f"{home.name}.{name}"
    sys.path.insert(0, str(home))
    try:
        if address.is_file and "." not in name:
            return _from_file(Path(address.place), name)
        if address.is_file:
            _forget_another(name.split(".")[0], home)
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            message = f"there is no module {error.name}: is it installed here, and is this the folder to start from?"
            raise TargetError(message) from None
        message = f"{address.place} needs {error.name}, which is not installed: pip install {error.name}"
        raise TargetError(message) from None
    except TargetError:
        raise
    except Exception as error:
        raise TargetRaised(f"importing {address.place}", f"{type(error).__name__}: {error}", trimmed(error)) from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no file can have this name
        return False


def _forget_another(package: str, home: Path) -> None:
    """Forget a package of this name that was loaded from another folder."""
    loaded = sys.modules.get(package)
    if loaded and not any(Path(path).is_relative_to(home) for path in getattr(loaded, "__path__", ())):
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[name]


def _from_file(path: Path, name: str) -> ModuleType:
    """A module from its file, whatever else has its name."""
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _only(module: ModuleType, address: Address) -> object:
    names = targets_in(module)
    if not names:
        raise TargetError(f"nothing in {address.place} looks like a layer: name what is meant, {address.place}:NAME")
    if len(names) > 1:
        raise TargetError(
            f"{address.place} has several targets, name one: {address.place}:{names[0]}; it has {', '.join(names)}"
        )
    return getattr(module, names[0])
