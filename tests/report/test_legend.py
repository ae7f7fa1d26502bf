"""The legend has the signs that occur, and no others."""

import pytest

from gradcheck.report.document import Derivation, Line, Paragraph
from gradcheck.report.formula import Fence, Letter, Script, Sign, Word, row
from gradcheck.report.latex import formula
from gradcheck.report.legend import ENTRIES, legend

A, N = Letter("X"), Letter("n")


def shown(*blocks):
    """The signs of a legend in LaTeX."""
    return [formula(part) for (part,), _ in legend(blocks)]


@pytest.mark.parametrize(
    ("used", "sign"),
    [
        (row(A, "of size", N), r"A \colon s \times t"),
        (Fence("[", row(A, "=", N)), "[{P}]"),
        (Fence("floor", N), r"\lfloor{x}\rfloor"),
        (Fence("ceil", N), r"\lceil{x}\rceil"),
        (row(A, "mod", N), r"s \bmod t"),
        (Script(A, None, Sign("prime")), r"A_{x}^{\prime} = A_{s - 1 - x}"),
        (Script(Word("pad"), N), r"{\mathrm{pad}}_{c} ({A})"),
        (Script(Word("crop"), N), r"{\mathrm{crop}}_{c} ({A})"),
        (Script(Word("dilate"), N), r"{\mathrm{dilate}}_{c} ({A})"),
        (row(A, "corr", N), r"{({A \star K})}_{x} = \sum_{u} A_{x + u} \, K_{u}"),
        (row(A, "conv", N), r"{({A \ast K})}_{x} = \sum_{u} A_{x + t - 1 - u} \, K_{u}"),
        (row(A, "star", N), r"A \circledast K"),
        (Word("side"), r"\mathrm{side} ({A})"),
        (Word("depth"), r"\mathrm{depth} ({A})"),
        (Word("padding"), r"\mathrm{padding} ({A})"),
    ],
)
def test_a_sign_that_occurs_is_explained(used, sign):
    """Wherever it stands, in a sentence or in a step."""
    assert shown(Paragraph(("so ", used))) == [sign]
    assert shown(Derivation((Line(1, None, A, (), ((used,),)),))) == [sign]


def test_uneven_padding_is_explained_with_the_even():
    """Pairs of amounts need both."""
    uneven = Script(Word("pad"), Fence("(", row(A, "comma", N)))
    assert len(shown(Paragraph((uneven,)))) == 2


def test_brackets_alone_are_no_uneven_padding():
    """One amount may stand in brackets."""
    assert len(shown(Paragraph((Script(Word("pad"), Fence("(", row(A, "-", N))),)))) == 1


@pytest.mark.parametrize("word", ["pad", "crop", "dilate"])
def test_amounts_by_axis_and_amounts_left_out_are_explained(word):
    """Several brackets below a word, and a word without anything below it, each after what the word means."""
    by_axis = Script(Word(word), row(Fence("(", A), "comma", Fence("(", N)))
    assert shown(Paragraph((by_axis,)))[-1] == rf"{{\mathrm{{{word}}}}}_{{({{s}}), ({{t}})}} ({{A}})"
    alone = row(Word(word), Fence("(", A))
    assert shown(Paragraph((alone,))) == [rf"{{\mathrm{{{word}}}}}_{{c}} ({{A}})", rf"\mathrm{{{word}}} ({{A}})"]


@pytest.mark.parametrize(
    ("sign", "apart"),
    [
        ("corr", r"{\mathopen{}\left({A \star_{d}^{s} K}\right)}_{x} = \sum_{u} A_{s \, x + d \, u} \, K_{u}"),
        (
            "conv",
            r"{\mathopen{}\left({A \ast_{d}^{s} K}\right)}_{x} = \sum_{u} A_{s \, x + d \, ({t - 1 - u})} \, K_{u}",
        ),
        ("star", r"A \circledast_{d}^{s} K"),
    ],
)
def test_strides_and_dilations_are_explained_with_their_sign(sign, apart):
    """The scripts of a sign need the sign itself."""
    told = shown(Paragraph((row(A, Script(Sign(sign), N, None), N),)))
    assert len(told) == 2
    assert told[1] == apart


def test_what_does_not_occur_is_not_explained():
    """Words of a sentence are no signs."""
    assert legend([Paragraph(("side [P] pad", A, row(A, "+", N)))]) == []


def test_every_entry_can_occur():
    """All signs together have all entries."""
    signs = [
        row("of size", "prime", "mod"),
        *(Script(Sign(slide), N) for slide in ("corr", "conv", "star")),
        *(Fence(kind, A) for kind in ("[", "floor", "ceil")),
    ]
    words = [*map(Word, ("side", "depth", "padding"))]
    by_axis = row(Fence("(", row(A, "comma", N)), "comma", Fence("(", N))
    zeros = [row(one, A) for word in map(Word, ("pad", "crop", "dilate")) for one in (word, Script(word, by_axis))]
    assert len(shown(Paragraph((*signs, *words, *zeros)))) == len(ENTRIES)
