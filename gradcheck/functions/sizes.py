"""The sizes that a layer gives arrays, compared with those that they have."""

from collections.abc import Mapping

from gradcheck.errors import LayerError
from gradcheck.functions.line import formed, operands_of
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import gradient_name, parse_layer
from gradcheck.report.fault import by

Shape = tuple[int, ...]


def complaints(line: str, shapes: Mapping[str, Shape], sizes: Mapping[str, int]) -> str:
    """What is wrong with the shapes, a line for each array, or nothing; raises what `formed` does."""
    operands = operands_of(line)
    if not operands:
        parse_layer(line, {})  # raises NotationError
    missing = [name for name in operands if name not in shapes]
    if missing:
        raise LayerError(f"{line}: {missing[0]} is not given: pass {', '.join(f'{name}=...' for name in operands)}")
    image = "X" if "X" in operands else operands[0]
    batched = line in CATALOGUE and len(shapes[image]) == len(CATALOGUE[line][1][image].split()) + 1
    own = {name: shapes[name] for name in operands}
    if batched:
        own[image] = own[image][1:]
    try:
        layer, of = formed(line, [own[name] for name in operands], sizes)
    except LayerError as error:
        return str(error)
    empty = next((name for name in (*operands, layer.output.tensor) if 0 in of.shape(name)), None)
    if empty:
        of_operands = " and ".join(f"{name} of {by(own[name])}" for name in operands)
        why = "" if empty in operands else f" from {of_operands}"
        return f"{empty}: the shape is {by(of.shape(empty))}{why}, without an entry, for {line}"
    batch = shapes[image][:1] if batched else ()
    beside = [layer.output.tensor, image]
    expected = {name: (batch if name in beside else ()) + of.shape(name) for name in (*operands, layer.output.tensor)}
    expected |= {gradient_name(name): shape for name, shape in expected.items()}
    strange = [name for name in shapes if name not in expected]
    if strange:
        raise LayerError(f"{line} has no {strange[0]}; it has {', '.join(expected)}")
    wrong = [name for name, shape in shapes.items() if shape != expected[name]]
    return "\n".join(
        f"{name}: the shape is {by(shapes[name])}, should be {by(expected[name])}, for {line}" for name in wrong
    )
