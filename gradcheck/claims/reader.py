"""A claims file from disk to a Document; an untrusted text, so everything in it is checked.

Every complaint names the file, the line, the key and what was expected.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from gradcheck.claims import parsing
from gradcheck.claims.claim import Claim, Document, Hypothesis, Statement, least
from gradcheck.errors import ClaimsError, NotationError
from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.notation.arithmetic import evaluate
from gradcheck.notation.scanner import suggestion

DOCUMENT = "gradient_sizes"
MAX_BYTES = 256 * 1024
MAX_CLAIMS = 200
MAX_LINE = 4000  # also bounds the parts of a dotted key, whose cost is quadratic
MAX_SYMBOLS = 10
BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")  # they reorder what a terminal shows
KINDS = ("shape", "identity", "formula")
T = TypeVar("T")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def read_document(path: str | Path | None = None) -> Document:
    """The document in the claims file at `path`; that of "Proof of gradient sizes" when None.

    A name such as dumoulin_visin or conv2d, where there is no such file, is one that gradcheck
    brings. Raises ClaimsError when the file cannot be read or says something that it cannot mean.
    """
    name = DOCUMENT if path is None else str(path)
    brought = packaged()
    if name in brought and (path is None or not Path(name).is_file()):
        return parse_document(brought[name].read_text(encoding="utf-8"), f"{name}.toml")
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        known = suggestion(name, packaged()) if Path(name).name == name and not Path(name).suffix else ""
        raise ClaimsError(f"{path}: cannot be read: {error.strerror}{known}") from None
    except ValueError as error:
        raise ClaimsError(f"{_shown(str(path))}: cannot be read: {error}") from None
    if len(data) > MAX_BYTES:
        raise ClaimsError(f"{path}: larger than {MAX_BYTES // 1024} KiB: not a claims file")
    try:
        return parse_document(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError:
        raise ClaimsError(f"{path}: not a text file in UTF-8: expected TOML") from None


def packaged() -> dict[str, Traversable]:
    """The claims files that gradcheck brings, by name: documents, and one for each layer of the catalogue."""
    folder = files("gradcheck.claims")
    found = [*folder.iterdir(), *folder.joinpath("catalogue").iterdir()]
    return {file.name.removesuffix(".toml"): file for file in found if file.name.endswith(".toml")}


def parse_document(text: str, source: str) -> Document:
    """The document in a claims file's text; `source` is the name to complain about."""
    return _Reader(text, source).document()


def _shown(text: str) -> str:
    """The text with what would act on a terminal spelled out."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)


class _Reader:
    def __init__(self, text: str, source: str) -> None:
        self._lines, self._source = text.split("\n"), source
        if not text.strip():
            raise ClaimsError(f"{source}: the file is empty: expected title, layer, [shapes] and [[claim]]")
        for n, line in enumerate(self._lines, start=1):
            if len(line) > MAX_LINE:
                raise ClaimsError(f"{source}:{n}: a line has at most {MAX_LINE} characters")
        try:
            self._data = tomllib.loads(text)
        except ValueError as error:  # a TOMLDecodeError, or a number with too many digits
            raise ClaimsError(f"{source}: not TOML: {error}") from None
        except RecursionError:
            raise ClaimsError(f"{source}: not TOML: brackets nest too deep") from None

    def document(self) -> Document:
        known = ("title", "layer", "where", "printed_where", "shapes", "claim")
        self._known_keys(self._data, known, ())
        title = self._text(self._data, "title", ())
        layer = self._layer()
        layer = replace(layer, defined=self._defined(layer))
        where, printed = self._both(self._data, layer, ())
        claims = self._data.get("claim", [])
        if not isinstance(claims, list) or not claims:
            raise self._error("no claims: expected at least one [[claim]] with an id", ())
        if len(claims) > MAX_CLAIMS:
            raise self._error(f"more than {MAX_CLAIMS} claims", ())
        parsed = tuple(self._claim(n, table, layer) for n, table in enumerate(claims))
        self._unique(parsed)
        document = Document(title, layer, where, parsed, printed, self._source)
        self._check_divisors(document)
        return document

    def _layer(self) -> Layer:
        text = self._text(self._data, "layer", ())
        shapes = self._data.get("shapes", {})
        if not isinstance(shapes, dict) or not all(isinstance(v, str) for v in shapes.values()):
            raise self._error('expected a table such as X = "k n n"', ("shapes",))
        try:
            layer = parse_layer(text, shapes)
        except NotationError as error:
            raise self._error(str(error), ("layer",) if error.text == text else ("shapes",)) from None
        if len(layer.sizes) > MAX_SYMBOLS:
            raise self._error(f"at most {MAX_SYMBOLS} size symbols are allowed", ("shapes",))
        return layer

    def _defined(self, layer: Layer) -> tuple[str, ...]:
        """The sizes that the hypotheses of the file define."""
        found: list[str] = []
        for text in self._texts(self._data, "where", ()):
            known = replace(layer, defined=tuple(found))
            name = self._parsed(partial(parsing.defined, text, known), ("where",))
            found += [name] if name else []
        return tuple(found)

    def _both(
        self, table: Mapping[str, Any], layer: Layer, place: tuple[int, ...]
    ) -> tuple[tuple[Hypothesis, ...], tuple[Hypothesis, ...] | None]:
        """The hypotheses of the file or of a claim, and those that the document states, if that is said."""
        where = self._hypotheses(table, "where", layer, place)
        stated = "printed_where" in table
        return where, self._hypotheses(table, "printed_where", layer, place) if stated else None

    def _hypotheses(
        self, table: Mapping[str, Any], key: str, layer: Layer, place: tuple[int, ...]
    ) -> tuple[Hypothesis, ...]:
        texts = self._texts(table, key, place)
        parsed = [self._parsed(partial(parsing.parse_hypothesis, text, layer), (*place, key)) for text in texts]
        return tuple(hypothesis for found in parsed for hypothesis in found)

    def _texts(self, table: Mapping[str, Any], key: str, place: tuple[int, ...]) -> list[str]:
        texts = table.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts) or len(texts) > 20:
            raise self._error('expected a list of at most 20 texts such as "m <= n"', (*place, key))
        return texts

    def _check_divisors(self, document: Document) -> None:
        """Nothing divides by what may be less than 1; dilations are divisors as well."""
        layer = document.layer
        for claim in document.claims:
            assumed, stated = document.assumed(claim), (*(document.printed_where or ()), *(claim.printed_where or ()))
            said = (layer, assumed, claim.statement, claim.printed)
            found = [parsing.unsafe_divisor(layer, *each) for each in ((assumed, said), (stated, stated))]
            for e, _ in filter(None, found):
                raise self._error(f"claim '{claim.id}': {e} divides by what may be 0", ())
            lows = {name: least(layer, name, assumed) for name in layer.sizes}
            for factor in (d for read in layer.reads for d in read.dilation if evaluate(d, lows) < 1):
                raise self._error(f"entries cannot be dilated by {factor}, which may be 0", ("layer",))

    def _claim(self, n: int, table: Any, layer: Layer) -> Claim:
        if not isinstance(table, dict):
            raise self._error("expected [[claim]] tables", ("claim",))
        self._known_keys(table, ("id", "section", "where", "printed_where", "printed", *KINDS), (n,))
        name = self._text(table, "id", (n,))
        if not _ID.fullmatch(name):
            raise self._error("an id has letters, digits, '.', '_' and '-', at most 80 of them", (n, "id"))
        kinds = [kind for kind in KINDS if kind in table]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            raise self._error(f"claim '{name}': expected one of {', '.join(KINDS)}, found {found}", (n,))
        section = self._text(table, "section", (n,)) if "section" in table else ""
        statement = self._statement(kinds[0], table, kinds[0], n, layer, False)
        printed = self._statement(kinds[0], table, "printed", n, layer, True) if "printed" in table else None
        return Claim(name, section, statement, printed, *self._both(table, layer, (n,)), self._line((n, "id")))

    def _statement(
        self, kind: str, table: Mapping[str, Any], key: str, n: int, layer: Layer, printed: bool
    ) -> Statement:
        if kind == "shape":
            sizes = table[key]
            if not isinstance(sizes, dict) or not sizes or not all(isinstance(v, str) for v in sizes.values()):
                raise self._error('expected a table such as { Y = "p n-m+1" }', (n, key))
            return self._parsed(partial(parsing.parse_shape, sizes, layer, printed), (n, key))
        text = self._text(table, key, (n,))
        if kind == "identity":
            return self._parsed(partial(parsing.parse_identity, text, layer), (n, key))
        return self._parsed(partial(parsing.parse_formula, text, layer, printed), (n, key))

    def _unique(self, claims: tuple[Claim, ...]) -> None:
        seen: set[str] = set()
        for n, claim in enumerate(claims):
            if claim.id in seen:
                raise self._error(f"the id '{claim.id}' is used twice", (n, "id"))
            seen.add(claim.id)

    def _known_keys(self, table: Mapping[str, Any], known: tuple[str, ...], place: tuple[int, ...]) -> None:
        for key in table:
            if key not in known:
                raise self._error(f"unknown key '{key}'{suggestion(key, known)}", (*place, key))

    def _text(self, table: Mapping[str, Any], key: str, place: tuple[int, ...]) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._error(f"expected {key} = a text", (*place, key) if key in table else place)
        if any(unicodedata.category(c) == "Cc" or unicodedata.bidirectional(c) in BIDI for c in value):
            raise self._error(f"{key} contains a control character", (*place, key))
        return value

    def _parsed(self, parse: Callable[[], T], place: tuple[int | str, ...]) -> T:
        try:
            return parse()
        except NotationError as error:
            raise self._error(str(error), place) from None

    def _error(self, message: str, place: tuple[int | str, ...]) -> ClaimsError:
        line = self._line(place)
        where = f"{self._source}:{line}" if line else self._source
        message = _shown(message)
        named = [_shown(part) for part in place if isinstance(part, str)]
        return ClaimsError(f"{where}: {'.'.join(named)}: {message}" if named else f"{where}: {message}")

    def _line(self, place: tuple[int | str, ...]) -> int:
        """The line on which a key stands: `place` is (key,) or (claim number, key)."""
        starts = [n for n, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*claim\s*\]\]", line)]
        first, last = 0, len(self._lines)
        if place and isinstance(place[0], int):
            if place[0] >= len(starts):
                return 0
            first, last = starts[place[0]], [*starts, last][place[0] + 1]
        for n in range(first, last):
            if place and re.match(rf"\s*\[?\s*[\"']?{re.escape(str(place[-1]))}\b", self._lines[n]):
                return n + 1
        return first + 1 if first else 0
