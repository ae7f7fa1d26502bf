"""gradcheck prove: what follows from a line of notation."""

import sys
from importlib.metadata import version

import click

from gradcheck.exits import COULD_NOT_RUN, guarded


def _shapes(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Each X="k n" taken apart."""
    found = {}
    for value in values:
        tensor, equals, sizes = value.partition("=")
        if not equals:
            raise click.BadParameter(f'{value!r}: expected a tensor and its sizes, such as X="k n"')
        found[tensor.strip()] = sizes
    return found


@click.command()
@click.argument("line", metavar="LAYER")
@click.option("--shape", "shapes", multiple=True, metavar='X="k n"', callback=_shapes, help="The sizes of an operand.")
@click.option("--where", multiple=True, metavar='"m <= n"', help="A hypothesis on the sizes; may be repeated.")
@click.option("--explain", is_flag=True, help="Show the derivation, step by step.")
@click.option(
    "--format", "form", default="text", show_default=True, type=click.Choice(["text", "json", "latex", "markdown"])
)
@guarded
def prove(line: str, shapes: dict[str, str], where: tuple[str, ...], explain: bool, form: str) -> int:
    """Derive the sizes and the gradients of any layer, given as a line of notation or by its name.

    For example: gradcheck prove "Y[j,a] += pad(X,P)[i, s*a+d*u] * F[j,i,u]" --shape X="k n"
    --shape F="p k m". The hypotheses that are needed besides those given are found, and told.
    """
    from gradcheck.verification import explore

    basis, needed = explore(line, shapes, where)
    if form == "text":
        from gradcheck.report.text import write_layer

        write_layer(basis, needed, explain, sys.stdout)
    elif form == "json":
        from gradcheck.report.json import layer_to_json

        click.echo(layer_to_json(basis, needed, version("gradcheck")))
    else:
        from gradcheck.typesetting import typeset_layer

        click.echo(typeset_layer(basis, form), nl=False)
    return 0 if basis.complete else COULD_NOT_RUN
