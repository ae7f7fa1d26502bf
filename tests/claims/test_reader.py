"""A claims file as an untrusted text: what is read, and that everything else is refused in words, and at once."""

import json
import tomllib
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradcheck.claims import reader
from gradcheck.claims.claim import Formula, Identity, Shape
from gradcheck.claims.reader import MAX_BYTES, MAX_CLAIMS, MAX_SYMBOLS, packaged, parse_document, read_document
from gradcheck.errors import ClaimsError
from gradcheck.layers.catalogue import CATALOGUE

TITLE, LINE, WHERE, SHAPES, X, F, CLAIM, ID, SHAPE = 1, 2, 3, 5, 6, 7, 9, 10, 11
LINES = (
    'title = "A layer"',
    'layer = "Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]"',
    'where = ["1 <= m", "m <= n"]',
    "",
    "[shapes]",
    'X = "k n n"',
    'F = "p k m m"',
    "",
    "[[claim]]",
    'id = "first"',
    'shape = { Y = "p n-m+1 n-m+1" }',
)
ROUNDED = "sizes are integers: expected a // b, rounded down, or ceil(a/b), rounded up, found '/'"
KNOWN = "known: Y, X, F, dY, dX, dF"
SECOND_LIMIT = 1.0  # the promise is "refused within a second"


def _document(changes=None, end=""):
    """A claims file of eleven lines, some of them replaced."""
    lines = dict(enumerate(LINES, start=1)) | (changes or {})
    return "\n".join(lines.values()) + "\n" + end


def _refusal(text):
    """The message of the refusal of a text as the file f.toml."""
    start = perf_counter()
    with pytest.raises(ClaimsError) as caught:
        parse_document(text, "f.toml")
    assert perf_counter() - start < SECOND_LIMIT
    return str(caught.value)


def _outcome(text):
    """The document in the file f.toml, or the message of its refusal."""
    try:
        return parse_document(text, "f.toml")
    except ClaimsError as error:
        return str(error)


def _quoted(text):
    """The text as a TOML string."""
    return json.dumps(text, ensure_ascii=False)


def test_the_packaged_document_is_read_by_default():
    """Without a path the document is "Proof of gradient sizes", with a claim for every one in its file."""
    read = read_document()
    packaged = Path(reader.__file__).with_name("gradient_sizes.toml").read_text(encoding="utf-8")
    said = tomllib.loads(packaged)
    assert read.title == "Proof of gradient sizes"
    assert [claim.id for claim in read.claims] == [table["id"] for table in said["claim"]]
    assert [str(h) for h in read.where] == ["1 <= m", "m <= n"]
    assert read.printed_where == ()
    assert {claim.id for claim in read.claims if claim.printed} == {
        table["id"] for table in said["claim"] if "printed" in table
    }


def test_a_document_keeps_what_the_file_says():
    """Title, layer, hypotheses, claims and the name of the source come from the text."""
    read = parse_document(_document(), "f.toml")
    assert (read.title, read.layer.text, read.source) == ("A layer", LINES[1].split('"')[1], "f.toml")
    assert [str(h) for h in read.where] == ["1 <= m", "m <= n"]
    assert read.printed_where is None
    assert [(claim.id, claim.section, claim.printed) for claim in read.claims] == [("first", "", None)]


@pytest.mark.parametrize(
    ("claim", "kind", "said", "printed"),
    [
        ('shape = { X = "k n n" }\nprinted = { X = "n n" }', Shape, "X: k x n x n", "X: n x n"),
        ('identity = "depth(X) = k"\nprinted = "depth(X) = p"', Identity, "depth(X) = k", "depth(X) = p"),
        ('formula = "dX = X"\nprinted = "dX = star(X, X)"', Formula, "dX = X", "dX = star(X, X)"),
    ],
)
def test_each_kind_of_claim_may_print_something_else(claim, kind, said, printed):
    """A claim has one statement of one of three kinds, and what the document prints is of the same kind."""
    read = parse_document(_document({SHAPE: f'section = "Sizes"\n{claim}'}), "f.toml").claims[0]
    assert (type(read.statement), str(read.statement), str(read.printed)) == (kind, said, printed)
    assert read.section == "Sizes"


def test_hypotheses_may_be_left_out():
    """Without where nothing is supposed of the sizes, and printed_where may be empty or not."""
    assert parse_document(_document({WHERE: ""}), "f.toml").where == ()
    assert parse_document(_document({WHERE: "printed_where = []"}), "f.toml").printed_where == ()
    said = parse_document(_document({WHERE: 'printed_where = ["m < n"]'}), "f.toml").printed_where
    assert [str(h) for h in said] == ["m < n"]


@pytest.mark.parametrize("change", [{X: ""}, {F: ""}, {SHAPES: "", X: "", F: ""}])
def test_a_layer_by_name_brings_its_own_shapes(change):
    """A catalogue name needs no shapes, and takes any that are given."""
    read = parse_document(_document({LINE: 'layer = "conv2d"'} | change), "f.toml")
    assert read.layer.operands == ("X", "F")


def test_claims_may_be_written_inline():
    """A list of inline tables is as good as [[claim]] headers."""
    text = _document({WHERE: 'claim = [{ id = "a", identity = "n = n" }]', CLAIM: "", ID: "", SHAPE: ""})
    assert [claim.id for claim in parse_document(text, "f.toml").claims] == ["a"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_either_line_ending_is_read(tmp_path, end):
    """A file with the line endings of any system is the same document."""
    path = tmp_path / "f.toml"
    path.write_bytes(_document().replace("\n", end).encode())
    assert read_document(path).claims == parse_document(_document(), "f.toml").claims


def test_a_byte_order_mark_is_no_fault(tmp_path):
    """A file that an editor began with a byte order mark is read all the same."""
    path = tmp_path / "f.toml"
    path.write_bytes(b"\xef\xbb\xbf" + _document().encode())
    assert read_document(str(path)).title == "A layer"


@pytest.mark.parametrize(
    "title", ["Größe der Gradienten", "勾配", "n\u00a0-\u00a0m", "\u202fa\u202f", "soft\u00adhyphen"]
)
def test_a_title_may_use_any_letters_and_spaces(title):
    """A title may be in any script, with the spaces of its typography."""
    assert parse_document(_document({TITLE: f"title = {_quoted(title)}"}), "f.toml").title == title


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty: expected title, layer, [shapes] and [[claim]]"),
        (b" \n\t\n", "the file is empty: expected title, layer, [shapes] and [[claim]]"),
        (b"\x89PNG\r\n\x1a\n", "not a text file in UTF-8: expected TOML"),
        ("title".encode("utf-16"), "not a text file in UTF-8: expected TOML"),
        (b"#" * (MAX_BYTES + 1), "larger than 256 KiB: not a claims file"),
    ],
)
def test_a_file_that_is_no_claims_file_is_refused(tmp_path, content, message):
    """Empty, binary, foreign and oversized files are each refused, with the path and the reason."""
    path = tmp_path / "f.toml"
    path.write_bytes(content)
    with pytest.raises(ClaimsError) as caught:
        read_document(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\x00\x01\x02\x03", "(at line 1, column 1)"),
        ("hello world", "(at line 1, column 7)"),
        ('title = "a"\ntitle = "b"\n', "(at line 2, column 12)"),
        ('title = "a\n', "(at line 1, column 11)"),
        ('title = "a\x1b"', "(at line 1, column 11)"),
        ('[shapes]\nX = "n"\n[shapes]', "(at line 3, column 8)"),
        ("[[claim]\n", "(at line 1, column 8)"),
        ("title = k n n", "(at line 1, column 9)"),
    ],
)
def test_a_text_that_is_no_toml_is_refused_where_it_goes_wrong(text, place):
    """What TOML cannot be is refused with the line and the column."""
    message = _refusal(text)
    assert message.startswith("f.toml: not TOML: ")
    assert place in message


def test_the_largest_file_is_read(tmp_path):
    """A file of exactly the largest size is read."""
    path, text = tmp_path / "f.toml", _document()
    lines, rest = divmod(MAX_BYTES - len(text), 64)
    path.write_text(text + ("#" * 63 + "\n") * lines + "#" * rest)
    assert path.stat().st_size == MAX_BYTES
    assert read_document(path).title == "A layer"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "Is a directory"), ("none.toml", "No such file or directory"), ("x" * 300, "File name too long")],
)
def test_a_path_that_cannot_be_read_is_refused(tmp_path, name, reason):
    """A directory, a missing path and an impossible one are refused with the system's reason."""
    with pytest.raises(ClaimsError) as caught:
        read_document(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: cannot be read: {reason}"


def test_a_path_with_a_null_character_is_refused():
    """A path that no system can open is refused like any other."""
    with pytest.raises(ClaimsError, match="cannot be read"):
        read_document("f\x00.toml")


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        ({TITLE: 'titel = "a"'}, TITLE, "titel: unknown key 'titel'; did you mean 'title'?"),
        ({WHERE: "zzz = 1"}, 3, "zzz: unknown key 'zzz'; known: title, layer, where, printed_where, shapes, claim"),
        ({SHAPES: "[shape]"}, SHAPES, "shape: unknown key 'shape'; did you mean 'shapes'?"),
        ({CLAIM: "[[claims]]"}, None, "claims: unknown key 'claims'; did you mean 'claim'?"),
        ({SHAPE: 'shap = "a"'}, SHAPE, "shap: unknown key 'shap'; did you mean 'shape'?"),
        ({SHAPE: 'Formula = "dX = X"'}, SHAPE, "Formula: unknown key 'Formula'; did you mean 'formula'?"),
        ({ID: 'id = "a"\n"odd key" = 1'}, 11, "odd key: unknown key 'odd key'"),
        ({ID: 'id = "a"\n0 = 1'}, 11, "0: unknown key '0'"),
        ({ID: 'idd = "a"'}, ID, "idd: unknown key 'idd'; did you mean 'id'?"),
    ],
)
def test_an_unknown_key_is_refused_with_a_suggestion(change, line, said):
    """An unknown key is named with its line and the key that was probably meant."""
    message = _refusal(_document(change))
    assert message.startswith(f"f.toml:{line}: {said}" if line else "f.toml")
    assert said in message


VALUES = ["3", "1.5", "nan", "true", "[]", "[1]", "{}", "1979-05-27", "07:32:00"]


@pytest.mark.parametrize("value", [*VALUES, '""', '"  "', '["a"]', "{ a = 1 }"])
@pytest.mark.parametrize(
    ("line", "key", "expected"),
    [
        (TITLE, "title", "expected title = a text"),
        (LINE, "layer", "expected layer = a text"),
        (ID, "id", "expected id = a text"),
        (SHAPE, "identity", "expected identity = a text"),
        (SHAPE, "formula", "expected formula = a text"),
        (SHAPE, "shape", 'expected a table such as { Y = "p n-m+1" }'),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(line, key, expected, value):
    """Every key says with its line which type of value it takes."""
    assert _refusal(_document({line: f"{key} = {value}"})) == f"f.toml:{line}: {key}: {expected}"


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    ("claim", "key", "expected"),
    [
        (LINES[10], "section", "expected section = a text"),
        (LINES[10], "printed", 'expected a table such as { Y = "p n-m+1" }'),
        ('identity = "n = n"', "printed", "expected printed = a text"),
        ('formula = "dX = X"', "printed", "expected printed = a text"),
    ],
)
def test_an_optional_value_of_the_wrong_type_is_refused(claim, key, expected, value):
    """The keys that a claim may leave out take one type of value too."""
    message = _refusal(_document({ID: f'id = "a"\n{key} = {value}', SHAPE: claim}))
    assert message == f"f.toml:11: {key}: {expected}"


@pytest.mark.parametrize(
    "value", ["3", "true", '"m <= n"', "{}", "[1]", '["m <= n", 2]', "[[]]", '[""' + ', ""' * 20 + "]"]
)
@pytest.mark.parametrize("key", ["where", "printed_where"])
def test_hypotheses_of_the_wrong_type_are_refused(key, value):
    """Hypotheses are a list of texts, and of at most twenty."""
    expected = f'f.toml:3: {key}: expected a list of at most 20 texts such as "m <= n"'
    assert _refusal(_document({WHERE: f"{key} = {value}"})) == expected


@pytest.mark.parametrize("value", ["3", '"k n n"', "[]", "{ X = 3 }", '{ X = "k n n", F = ["m"] }'])
def test_shapes_of_the_wrong_type_are_refused(value):
    """Shapes are a table of texts."""
    text = _document({WHERE: f"shapes = {value}", SHAPES: "", X: "", F: ""})
    assert _refusal(text) == 'f.toml:3: shapes: expected a table such as X = "k n n"'


@pytest.mark.parametrize("value", ["3", '"a"', "[]", "{}", '{ id = "a" }', "true"])
def test_no_claims_at_all_is_refused(value):
    """A file without a list of claims is refused, and told how to begin one."""
    text = _document({WHERE: f"claim = {value}", CLAIM: "", ID: "", SHAPE: ""})
    assert "no claims: expected at least one [[claim]] with an id" in _refusal(text)


def test_a_file_that_stops_before_its_claims_is_refused():
    """A file whose [[claim]] tables are missing is refused."""
    text = _document({CLAIM: "", ID: "", SHAPE: ""})
    assert _refusal(text) == "f.toml: no claims: expected at least one [[claim]] with an id"


def test_claims_that_are_no_tables_are_refused():
    """A list of anything but tables is refused on its line."""
    text = _document({WHERE: "claim = [3]", CLAIM: "", ID: "", SHAPE: ""})
    assert _refusal(text) == "f.toml:3: claim: expected [[claim]] tables"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({TITLE: ""}, "f.toml: expected title = a text"),
        ({LINE: ""}, "f.toml: expected layer = a text"),
        ({ID: ""}, "f.toml:9: expected id = a text"),
        ({SHAPE: ""}, "f.toml:9: claim 'first': expected one of shape, identity, formula, found none"),
        (
            {SHAPE: f'{LINES[10]}\nformula = "dX = X"'},
            "f.toml:9: claim 'first': expected one of shape, identity, formula, found shape and formula",
        ),
    ],
)
def test_a_missing_key_is_refused(change, said):
    """What must be there is asked for, in the claim that lacks it."""
    assert _refusal(_document(change)) == said


def test_an_id_is_used_once():
    """The second use of an id is refused on its own line."""
    text = _document(end='[[claim]]\nid = "other"\nidentity = "n = n"\n[[claim]]\nid = "first"\nidentity = "n = n"\n')
    assert _refusal(text) == "f.toml:16: id: the id 'first' is used twice"


@pytest.mark.parametrize("name", ["a b", "-a", ".", "é", "a/b", "a" * 81, "$(a)", "../a"])
def test_an_id_that_no_command_line_would_take_is_refused(name):
    """An id has a few plain characters, and at most eighty."""
    expected = "f.toml:10: id: an id has letters, digits, '.', '_' and '-', at most 80 of them"
    assert _refusal(_document({ID: f"id = {_quoted(name)}"})) == expected


@pytest.mark.parametrize("name", ["a", "7", "dX.size_of-Y", "a" * 80])
def test_plain_ids_are_read(name):
    """An id of the plain characters is kept as it is."""
    assert parse_document(_document({ID: f"id = {_quoted(name)}"}), "f.toml").claims[0].id == name


@pytest.mark.parametrize("between", ["", "# [[claim]]\n", '[[claim]]\nid = "b"\nidentity = "n = n"\n'])
def test_lines_are_counted_in_the_claim_that_is_wrong(between):
    """The line is the one of the faulty claim, not of an earlier claim with the same key."""
    text = _document({SHAPE: 'identity = "n = n"'}, f'{between}[[claim]]\nid = "c"\nidentity = "n = q"\n')
    line = text.splitlines().index('identity = "n = q"') + 1
    assert _refusal(text).startswith(f"f.toml:{line}: identity: unknown size 'q'")


@pytest.mark.parametrize("comment", ["\u2028", "\x85", "\u2029"])
def test_only_line_feeds_end_a_line(comment):
    """A separator that TOML does not take for the end of a line does not shift the line numbers."""
    text = _document({TITLE: f"{LINES[0]} # a{comment}b"} | {SHAPE: 'shape = { Q = "n" }'})
    assert _refusal(text).startswith("f.toml:11: shape: unknown tensor 'Q'")


LAYERS = {
    "conv2": "unknown layer 'conv2'; did you mean 'conv2d'?",
    "Y[a] = X[a]": "expected '+=', found '='",
    "Y[j,a,b] += X[i,a*u,b+v] * F[j,i,u,v]": "'a*u' is not affine: an index may be added and multiplied by sizes",
    "Y[j,a,b] += X[i,a/2,b+v] * F[j,i,u,v]": ROUNDED,
    "Y[j,a,b] += X[i,a,b] * G[j,i,u,v]": "[shapes] has no sizes for G",
    "Y[j,a,b] += pad(X, a)[i,a+u,b+v] * F[j,i,u,v]": "index a is no size: it cannot be an amount of zeros",
    "Y[j,a,b] += pad(X, P)[i,a,b] * F[j,i,u,v]": "every axis of X is read at an index alone",
    "Y[j,a,b] += pad(pad(X, P), P)[i,a+u,b+v] * F[j,i,u,v]": "X is padded twice: add the amounts",
    "Y[j,a,b] += X[i,a+u,b+w] * F[j,i,u,v]": "unknown index w: it is no axis of the output",
    "Y[j,a,b,c] += X[i,a+u,b+v] * F[j,i,u,v]": "index c is read by no operand: [shapes] must give the sizes of Y",
    "__import__(os)": "expected '[', found '('",
    "a\u0000b": "layer contains a control character",
}


@pytest.mark.parametrize(("text", "said"), LAYERS.items())
def test_a_line_that_is_no_layer_is_refused(text, said):
    """What is wrong with the layer is said with the layer's line."""
    value = _quoted(text)
    message = _refusal(_document({LINE: f"layer = {value}"}))
    assert message.startswith("f.toml:2: layer: ")
    assert said.split(", found")[0] in message


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (X, 'X = "k n/2 n"', ROUNDED),
        (X, 'X = "k n"', "X is read with 3 indices, but has 2 sizes here"),
        (F, 'F = ""', "expected a number, a symbol or '(', found the end"),
        (F, 'F = "p k m m"\nG = "n"', "[shapes] names G: the layer does not read it; known: X, F"),
        (F, 'F = "p k m m"\nY = "n"', "Y is read with 3 indices, but has 1 sizes here"),
        (F, 'F = "p k m m"\nY = "p n n"', "[shapes] names Y: its sizes are derived"),
        (F, 'F = "p k m m//(n-1)"', "a divisor is made from numbers and sizes >= 1 by + and *"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_at_the_shapes(line, text, said):
    """What is wrong with an operand's sizes is said with a line of [shapes], not of the layer."""
    message = _refusal(_document({line: text}))
    assert said in message
    assert int(message.split(":")[1]) in (SHAPES, X, F, F + 1)


HYPOTHESES = {
    "m": "expected one of <= < >= > =, found the end",
    "m <= q": "unknown size 'q'; known: k, n, p, m",
    "m != n": "unexpected character '!'",
    "m <= n/2": ROUNDED,
    "n**999999999 <= m": "expected an exponent from 1 to 12, found '999999999'",
    "": "expected a number, a symbol or '(', found the end",
    "m\u0007 <= n": "unexpected character '\\x07'",
}


@pytest.mark.parametrize("key", ["where", "printed_where"])
@pytest.mark.parametrize(("text", "said"), HYPOTHESES.items())
def test_a_text_that_is_no_hypothesis_is_refused(key, text, said):
    """What is wrong with a hypothesis is said with its line and its key."""
    message = _refusal(_document({WHERE: f'{key} = ["1 <= m", {_quoted(text)}]'}))
    assert message.startswith(f"f.toml:3: {key}: {said}")


IDENTITIES = {
    "n = q": "unknown size 'q'; known: k, n, p, m",
    "side(Z) = n": f"unknown tensor 'Z'; {KNOWN}",
    "sied(X) = n": "unknown measure 'sied'; did you mean 'side'?",
    "side(corr(X, F)) = n": "corr needs two arrays of one rank: 'X' has 3 axes, 'F' has 4",
    "n**999999999 = m": "expected an exponent from 1 to 12, found '999999999'",
    "n**" + "9" * 400 + " = m": "numbers have at most 9 digits",
    "n**12*m**12 = m": "this size is too large to multiply out",
    "(n+m)**12 = m": "this size is too large to multiply out",
    "n/2 = m": ROUNDED,
    "n//(m-1) = m": "a divisor is made from numbers and sizes >= 1 by + and *",
    "n%0 = m": "a divisor is made from numbers and sizes >= 1 by + and *",
    "ceil(n/-1) = m": "a divisor is made from numbers and sizes >= 1 by + and *",
    "-" * 500 + "n = m": "expected a number, a symbol or '(', found '-'",
    "n = " + "- " * 250 + "n": "expected a number, a symbol or '(', found '-'",
    "n = " + "(" * 31 + "n" + ")" * 31: "brackets may nest at most 30 deep",
    "n = " + "(" * 500: "brackets may nest at most 30 deep",
    "n = " + "+n" * 400: "at most 600 characters are allowed here",
    "__import__('os').system('true') = n": "unexpected character",
    "n\tm = n": "identity contains a control character",
    "n\u001b[2J = n": "identity contains a control character",
}


@pytest.mark.parametrize(("text", "said"), IDENTITIES.items())
def test_a_text_that_is_no_identity_is_refused(text, said):
    """What is wrong with an identity is said with its line, at once and whatever its size."""
    assert _refusal(_document({SHAPE: f"identity = {_quoted(text)}"})).startswith(f"f.toml:11: identity: {said}")


def test_a_tower_of_powers_is_refused():
    """A power of a power of a power is refused as such before it is computed."""
    message = _refusal(_document({SHAPE: 'identity = "(((2**12)**12)**12) = m"'}))
    assert message.startswith("f.toml:11: identity: ")
    assert "power" in message.splitlines()[0]


@pytest.mark.parametrize("key", ["title", "layer", "identity", "formula"])
@pytest.mark.parametrize("text", ["(" * 20_000 + "n" + ")" * 20_000, "-" * 20_000 + "n", "n+" * 20_000 + "n"])
def test_an_endless_text_is_refused_as_too_long(key, text):
    """A text of tens of thousands of characters is refused with its line, as too long."""
    line = {"title": TITLE, "layer": LINE}.get(key, SHAPE)
    message = _refusal(_document({line: f"{key} = {_quoted(text)}"}))
    assert message.startswith(f"f.toml:{line}: ")
    assert "at most" in message


@pytest.mark.parametrize("text", ["(" * 20_000 + "n" + ")" * 20_000, "n+" * 20_000 + "n"])
@pytest.mark.parametrize(
    ("line", "value"),
    [(WHERE, "where = [{}]"), (X, "X = {}"), (SHAPE, "shape = {{ Y = {} }}"), (SHAPE, "shape = {{ {} = 'n' }}")],
)
def test_an_endless_text_inside_a_table_is_refused_as_too_long(line, value, text):
    """The same holds for hypotheses, for sizes and for the keys of a shape."""
    message = _refusal(_document({line: value.format(_quoted(text))}))
    assert message.startswith("f.toml:")
    assert "at most" in message


FORMULAS = {
    "dX = Z": f"unknown tensor 'Z'; {KNOWN}",
    "X = X": "a formula is for one of Y, dX, dF",
    "dX = X[i]": "dX has 3 axes, the right side has 2",
    "dX = rot18(X)": "unknown function 'rot18'; did you mean 'rot180'?",
    "dX = pad(X, q)": "unknown size 'q'; known: k, n, p, m",
    "dX = pad(X, n**999999999)": "expected an exponent from 1 to 12, found '999999999'",
    "dX = star(X, X)": "only 'printed' may leave it open: write corr or conv",
    "dX = " + "rot180(" * 40 + "X" + ")" * 40: "brackets may nest at most 30 deep",
    "dX = sum(i, X)": "sum over i, which indexes nothing inside",
    "dX = corr(X, X, 2)": "expected stride= or dilation=, found '2'",
    "dX = crop(X, 1, q)": "unknown size 'q'; known: k, n, p, m",
    "dX = dilate(X, n//(m-1))": "a divisor is made from numbers and sizes >= 1 by + and *",
    "dX = exec(X)": "unknown function 'exec'",
}


@pytest.mark.parametrize(("text", "said"), FORMULAS.items())
def test_a_text_that_is_no_formula_is_refused(text, said):
    """What is wrong with a formula is said with its line."""
    assert _refusal(_document({SHAPE: f"formula = {_quoted(text)}"})).startswith(f"f.toml:11: formula: {said}")


TABLES = {
    '{ Y = "p n" }': "Y has 3 axes, but 2 sizes are given",
    '{ Q = "p n" }': f"unknown tensor 'Q'; {KNOWN}",
    '{ Y = "p n q" }': "unknown size 'q'; known: k, n, p, m",
    '{ Y = "p n n/2" }': ROUNDED,
    '{ Y = "" }': "expected a number, a symbol or '(', found the end",
    '{ "" = "n" }': "expected a tensor or a function, found the end",
    '{ Y = "p n n**999999999" }': "expected an exponent from 1 to 12, found '999999999'",
    "{ Y = 3 }": 'expected a table such as { Y = "p n-m+1" }',
}


@pytest.mark.parametrize(("table", "said"), TABLES.items())
def test_a_table_that_is_no_shape_is_refused(table, said):
    """What is wrong with a shape is said with its line."""
    assert _refusal(_document({SHAPE: f"shape = {table}"})).startswith(f"f.toml:11: shape: {said}")


GENERAL = """title = "A layer"
layer = "conv2d_general"
where = ["d*(m-1)+1 <= n+2*P", "r = (n+2*P-d*(m-1)-1) % s"]
[[claim]]
id = "a"
where = ["P <= m"]
printed_where = []
identity = "padding(dX) = d*(m-1)-P+r"
"""


def test_a_file_may_define_sizes():
    """A name that a hypothesis of the file defines may stand in every claim, and is no size to choose."""
    read = parse_document(GENERAL, "f.toml")
    assert (read.layer.defined, "r" in read.layer.sizes) == (("r",), False)
    assert [str(h) for h in read.where] == ["d*(m - 1) + 1 <= n + 2*P", "r = (n + 2*P - d*(m - 1) - 1)%s"]


def test_a_claim_may_have_hypotheses_of_its_own():
    """The hypotheses of a claim, and those of them that the document states, are kept with it."""
    (claim,) = parse_document(GENERAL, "f.toml").claims
    assert ([str(h) for h in claim.where], claim.printed_where) == (["P <= m"], ())


def test_sizes_are_defined_one_after_another():
    """What one hypothesis defines may stand in the next."""
    read = parse_document(GENERAL.replace('% s"]', '% s", "q = r + P"]'), "f.toml")
    assert read.layer.defined == ("r", "q")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"P <= m"', '"q = m"', "f.toml:6: where: unknown size 'q'; known: k, n, p, m, s, d, P, r"),
        ('"P <= m"', '"P = m//(s-1)"', "f.toml:6: where: a divisor is made from numbers and sizes >= 1 by + and *"),
        ('"P <= m"', "3", 'f.toml:6: where: expected a list of at most 20 texts such as "m <= n"'),
        ("printed_where = []", "printed_where = 3", "f.toml:7: printed_where: expected a list of at most 20 texts"),
        ("printed_where = []", 'printed_where = ["t <= n"]', "f.toml:7: printed_where: unknown size 't'"),
        ('"r = ', '"n <= r", "t = ', "f.toml:3: where: unknown size 'r'"),
    ],
)
def test_hypotheses_that_do_not_fit_are_refused_where_they_stand(old, new, said):
    """What is wrong with a hypothesis of a claim, or with a definition, is said with its line and its key."""
    assert old in GENERAL
    assert _refusal(GENERAL.replace(old, new)).startswith(said)


@pytest.mark.parametrize(
    ("old", "new", "e"),
    [
        ("= d*(m-1)-P+r", "= n//P", "n//P"),
        ("= d*(m-1)-P+r", "= n%r", "n%r"),
        ("= d*(m-1)-P+r", "= ceil(n/(P*m))", "ceil(n/(P*m))"),
        ('"P <= m"', '"n % P = 0"', "n%P"),
        ("printed_where = []", 'printed_where = ["n // P <= m"]', "n//P"),
        ('% s"]', '% s", "q = n // P"]', "n//P"),
        ("padding(dX)", "side(pad(X[i], n//P))", "n//P"),
        ("padding(dX)", "side(corr(X[i], X[i], stride=n//P))", "n//P"),
        ('"conv2d_general"', '"Y[a] += pad(X, P, n//P)[s*a+d*u] * F[u]"\nshapes = { X = "n", F = "m" }', "n//P"),
    ],
)
def test_a_divisor_that_may_be_zero_is_refused(old, new, e):
    """A padding, or what is defined, may be 0, so that nothing is divided by it: the claim is named."""
    assert old in GENERAL
    assert _refusal(GENERAL.replace(old, new)) == f"f.toml: claim 'a': {e} divides by what may be 0"


@pytest.mark.parametrize(
    ("where", "quotient"),
    [("P <= m", "n//(P+1)"), ("P >= 1", "n//P"), ("P = 2", "n%P"), ("m >= 0", "n//(m+s)"), ("P <= m", "n//s")],
)
def test_a_divisor_that_cannot_be_zero_is_read(where, quotient):
    """The least sizes, those of a claim's own hypotheses included, say whether a divisor may be 0."""
    text = GENERAL.replace("P <= m", where).replace("d*(m-1)-P+r", quotient)
    assert len(parse_document(text, "f.toml").claims) == 1


BIAS = """title = "A bias"
layer = "Y[j,a] += B[j]"
[shapes]
B = "p"
Y = "p o"
[[claim]]
id = "a"
shape = { Y = "p o", dB = "p" }
"""


def test_an_output_may_be_given_its_sizes():
    """The sizes of an output that nothing bounds are read, and asked for where they are missing."""
    assert " ".join(map(str, parse_document(BIAS, "f.toml").layer.given)) == "p o"
    message = _refusal(BIAS.replace('Y = "p o"\n', ""))
    assert message.startswith("f.toml:2: layer: index a is read by no operand: [shapes] must give the sizes of Y")


@pytest.mark.parametrize("name", sorted(packaged()))
def test_every_file_that_is_brought_is_read_by_its_name(name):
    """A name stands for the file that gradcheck brings: the same document as its text."""
    read = read_document(name)
    assert read.claims == parse_document(packaged()[name].read_text(encoding="utf-8"), f"{name}.toml").claims
    assert read.source == f"{name}.toml"


def test_every_layer_of_the_catalogue_has_claims():
    """Each layer by name has a file of that name, about that layer."""
    assert set(CATALOGUE) <= set(packaged())
    for name, (line, _) in CATALOGUE.items():
        assert read_document(name).layer.text == line


def test_a_file_goes_before_a_name(tmp_path, monkeypatch):
    """Where there is a file of that name, it is that file."""
    (tmp_path / "conv2d").write_text(_document(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_document("conv2d").title == "A layer"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("conv2", "; did you mean 'conv2d'?"),
        ("conv2d.toml", ""),
        ("none/conv2", ""),
        ("zzzzzzzz", ""),
    ],
)
def test_a_name_that_is_nearly_one_is_suggested(tmp_path, monkeypatch, name, said):
    """A bare name that is no file and nearly one that is brought gets a suggestion; a path does not."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClaimsError) as caught:
        read_document(name)
    assert str(caught.value) == f"{name}: cannot be read: No such file or directory{said}"


def test_a_shape_in_a_table_of_its_own_is_refused_in_its_claim():
    """A fault in [claim.shape] is said with a line of that claim."""
    message = _refusal(_document({SHAPE: '[claim.shape]\nQ = "n"'}))
    assert message.startswith("f.toml:9: shape: unknown tensor 'Q'")


def test_a_fault_in_an_inline_claim_names_the_file():
    """Claims without headers have no line of their own: the file and the key are named."""
    text = _document({WHERE: 'claim = [{ id = "a", identity = "n = q" }]', CLAIM: "", ID: "", SHAPE: ""})
    assert _refusal(text).startswith("f.toml: identity: unknown size 'q'")


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 20_000,
        "x = " + "[" * 20_000 + "]" * 20_000 + "\n" + _document(),
        "x = " + "[\n" * 20_000 + "]\n" * 20_000,
        "x = " + "{a=" * 20_000,
        "x = " + "[{a=" * 10_000 + "1" + "}]" * 10_000,
    ],
)
def test_brackets_that_nest_without_end_are_refused(text):
    """Twenty thousand nested brackets of TOML are refused, not followed."""
    message = _refusal(text)
    assert message.startswith("f.toml:")
    assert "nest too deep" in message or "at most" in message


@pytest.mark.parametrize(
    "value", ["1" * 5000, "-" + "9" * 100_000, "0x" + "f" * 50_000, "1." + "0" * 50_000, "1e" + "9" * 50_000]
)
def test_a_number_of_any_length_is_refused(value):
    """A number too long to be read is refused like any other wrong value."""
    assert _refusal(_document({TITLE: f"title = {value}"})).startswith("f.toml:")


@pytest.mark.parametrize("key", ["{} = 1", "[{}]", "x = {{ {} = 1 }}"])
def test_a_key_of_endless_parts_is_refused(key):
    """A dotted key of thousands of parts is refused at once."""
    assert _refusal(key.format(".".join("a" * 8_000)) + "\n" + _document()).startswith("f.toml:")


def test_claims_are_limited():
    """As many claims as are allowed are read, one more is refused."""
    claims = "".join(f'[[claim]]\nid = "c{n}"\nidentity = "n = n"\n' for n in range(MAX_CLAIMS - 1))
    assert len(parse_document(_document(end=claims), "f.toml").claims) == MAX_CLAIMS
    one_more = '[[claim]]\nid = "more"\nidentity = "n = n"\n'
    assert _refusal(_document(end=claims + one_more)) == f"f.toml: more than {MAX_CLAIMS} claims"


def test_size_symbols_are_limited():
    """As many size symbols as are allowed are read, one more is refused."""
    names = [f"s{n}" for n in range(MAX_SYMBOLS)]
    change = {LINE: 'layer = "dense"', F: f'W = "p k + {" + ".join(names[2:])}"', X: "", SHAPE: 'identity = "k = k"'}
    text = _document(change | {WHERE: ""})
    assert len(parse_document(text, "f.toml").layer.sizes) == MAX_SYMBOLS
    message = _refusal(text.replace("p k +", "p k + more +"))
    assert message == f"f.toml:5: shapes: at most {MAX_SYMBOLS} size symbols are allowed"


@pytest.mark.parametrize("key", ["title", "section", "id", "identity"])
@pytest.mark.parametrize("character", ["\\u0000", "\\u001b", "\\n", "\\r", "\\u007f", "\\u009b"])
def test_a_control_character_is_refused(key, character):
    """A control character in a text is refused with its line and its key."""
    change = {
        "title": (TITLE, f'title = "a{character}b"', 1),
        "id": (ID, f'id = "a{character}b"', 10),
        "section": (ID, f'id = "a"\nsection = "a{character}b"', 11),
        "identity": (SHAPE, f'identity = "n{character} = n"', 11),
    }
    line, text, at = change[key]
    assert _refusal(_document({line: text})) == f"f.toml:{at}: {key}: {key} contains a control character"


@pytest.mark.parametrize("character", ["\\u001b", "\\r", "\\u0007", "\\u009b", "\\u202e"])
@pytest.mark.parametrize(
    ("line", "text"),
    [
        (WHERE, '"a{}[2Jb" = 1'),
        (WHERE, 'where = ["m{}[2J <= q"]'),
        (X, 'X = "k{} n n n n"'),
        (F, 'F = "p k m m"\n"G{}" = "n"'),
        (ID, 'id = "a"\n"a{}b" = 1'),
        (SHAPE, 'shape = {{ "Q{}" = "n" }}'),
    ],
)
def test_a_complaint_repeats_no_control_character(line, text, character):
    """Nothing that an untrusted file holds reaches the terminal as a control character."""
    message = _refusal(_document({line: text.format(character)}))
    assert message.replace("\n", "").isprintable()


FIELDS = {
    "title": "title = {}",
    "layer": "layer = {}",
    "where": "where = [{}]",
    "shapes": "X = {}",
    "operand": "{} = 'n'",
    "id": "id = {}",
    "array": "shape = {{ {} = 'n n' }}",
    "shape": "shape = {{ Y = {} }}",
    "printed": "shape = {{ Y = 'p n n' }}\nprinted = {{ Y = {} }}",
    "identity": "identity = {}",
    "formula": "formula = {}",
    "printed formula": "formula = 'dX = X'\nprinted = {}",
}
ON = dict(zip(FIELDS, (TITLE, LINE, WHERE, X, X, ID, *[SHAPE] * 6), strict=True))
STARTS = [
    "pad(X, P)",
    "dilate(",
    "crop(",
    ", stride=",
    "r = ",
    "X",
    "F",
    "Y",
    "dX",
    "dF[j,i]",
    "[i]",
    "Y[j,a,b]",
    "side(",
    "padding(",
    "corr(",
    "conv(",
    "star(",
    "pad(",
]
SIGNS = [*"()[],=<*+-/% ", "+=", "<=", ">=", "**", "//"]
WORDS = st.sampled_from([*STARTS, *SIGNS, "rot180(", "sum(j, ", "sum", "n", "m", "a", "u", "1", "99999", "conv2d"])
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=40).map("".join))


@pytest.mark.parametrize("field", FIELDS)
@given(text=TEXTS)
@example(text="n" * 3000)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_text_in_any_field_is_read_or_refused(field, text):
    """Whatever a field holds, the file is a document or is refused, with the name of the file."""
    read = _outcome(_document({ON[field]: FIELDS[field].format(_quoted(text))}))
    assert read.startswith("f.toml:") if isinstance(read, str) else len(read.claims) == 1


@given(st.text(max_size=80), st.integers(0, len(_document())), st.integers(0, 20))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_document_with_any_stroke_through_it_is_read_or_refused(text, start, length):
    """A claims file with any piece replaced by any text is a document or is refused."""
    damaged = _document()[:start] + text + _document()[start + length :]
    read = _outcome(damaged)
    assert read.startswith("f.toml:") if isinstance(read, str) else len(read.claims) == 1


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_bytes_are_refused(tmp_path_factory, content):
    """A file of arbitrary bytes is refused with its path."""
    path = tmp_path_factory.getbasetemp() / "bytes.toml"
    path.write_bytes(content)
    with pytest.raises(ClaimsError) as caught:
        read_document(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("where", "claim"),
    [
        ('["q = 200 + 2*(n - m)", "n + n//(q+1) >= 0"]', 'identity = "max(q, 0) = q"'),
        ('["-5 <= P", "n + n//(P*P) >= 0"]', 'identity = "n = n"'),
        ('["m <= n"]', 'identity = "n = n"\nprinted = "n//P = n"'),
    ],
)
def test_a_divisor_that_may_be_negative_is_refused(where: str, claim: str) -> None:
    """A defined size may have any sign, and so may one whose least value is negative: nothing divides by them."""
    text = f'title = "t"\nlayer = "conv2d_padded"\nwhere = {where}\n[[claim]]\nid = "x"\n{claim}\n'
    with pytest.raises(ClaimsError, match="divides by what may be 0"):
        parse_document(text, "f.toml")
