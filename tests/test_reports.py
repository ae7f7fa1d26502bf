"""What the reports on whole documents say, in each format."""

import re
from pathlib import Path

import pytest
from printing import DOCUMENTS, HOSTILE, REFUTED, VERSIONS, report_on

from gradcheck import verify
from gradcheck.typesetting import SUFFIXES, typeset

SAID = {
    "conv1d": [
        r"$`Y_{a}^{({j})} = \sum_{i, u} X_{a + u}^{({i})}\,F_{j, u}^{({i})}`$, where $`k, n, p \ge 1`$",
        r"$`Y`$ has size $`p \times ({n - m + 1})`$.",
        r"| (13) | $`x`$ | $`\in \{{0, \dots, n - 1}\}`$",
        r"reach beyond their tensor by $`m - 1`$ before and $`m - 1`$ after",
        "0 a b c · · 0 0     c b a     · ■ · · · ·",  # the kernel runs backwards over the padded cotangent
    ],
    "conv3d": [
        r"$`Y`$ has size $`p \times ({n - m + 1}) \times ({n - m + 1}) \times ({n - m + 1})`$.",
        r"= n + m - 1`$.",
        r"$`p \, k \, m^{3} = p \, ({k \, m}) \, m^{2}`$. This is an identity of sizes alone; it names no array.",
    ],
    "dense": [
        r"$`Y_{j} = \sum_{i} W_{j, i}\,X_{i}`$, where $`p, k \ge 1`$.",
        r"$`\partial L / \partial W_{j, i} = \partial L / \partial Y_{j} \star X_{i}`$ for every $`j, i`$.",
        r"$`\partial L / \partial W`$ has size $`p \times k`$, and $`\partial L / \partial X`$ has size $`k`$.",
    ],
    "depthwise": [
        r"$`Y_{a, b}^{({i})} = \sum_{u, v} X_{a + u, b + v}^{({i})}\,F_{u, v}^{({i})}`$",
        r"$`\partial L / \partial F^{({i})} = X^{({i})} \star \partial L / \partial Y^{({i})}`$ for every $`i`$.",
    ],
    "rectangular": [
        r"$`k, h, w \ge 1`$, $`1 \le r \le h`$, $`1 \le c \le w`$",
        r"$`Y`$ has size $`k \times ({h - r + 1}) \times ({w - c + 1})`$.",
    ],
    "trueconv": [
        r"$`Y^{({j})} = \sum_{i} X^{({i})} \ast F_{j}^{({i})}`$ for every $`j`$.",
        r"true convolution at the same places: $`K`$, of side $`t`$, is read backwards",
        r"= {\mathopen{}\left({X^{({i})} \star \partial L / \partial Y^{({j})}}\right)}^{\prime}`$ for every $`j, i`$.",
    ],
}  # fmt: skip
UNSAID = {
    "dense": [r"\mathrm{pad}", "gather rule", "Grey squares"],
    "conv1d": [r", v"],
    "trueconv": ["Errata |  1"],
}


def markdown(source: Path | None) -> str:
    """The report on a claims file."""
    return typeset(report_on(source), "markdown", VERSIONS).decode()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_says_what_is_so(name: str) -> None:
    """The layer, the sizes and the gradients of each document stand in its report; each claim is a theorem."""
    told = markdown(DOCUMENTS[name])
    assert [said for said in SAID[name] if said not in told] == []
    assert [unsaid for unsaid in UNSAID.get(name, []) if unsaid in told] == []
    claims = report_on(DOCUMENTS[name]).verdicts
    assert re.findall(r"^\*\*Theorem \d+\*\* \(<code>(.*?)</code>\)", told, re.MULTILINE) == [
        v.claim.id for v in claims
    ]
    assert f"{len(claims)} of {len(claims)} claims, for all integers" in told
    assert "Refuted" not in told


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("form", ["latex", "typst"])
def test_the_other_formats_say_the_same(name: str, form: str) -> None:
    """Each claim is a theorem, and every step that Markdown tells is told, in the other formats too."""
    told = typeset(report_on(DOCUMENTS[name]), form, VERSIONS).decode()
    steps = {"latex": r"^\\step\{(\d+)\}", "typst": r"^#step\((\d+),"}[form]
    assert re.findall(steps, told, re.MULTILINE) == re.findall(
        r"^\| \((\d+)\) \|", markdown(DOCUMENTS[name]), re.MULTILINE
    )
    assert len(re.findall(r"(?:\\theorem\{|#theorem\(\")Theorem \d+", told)) == len(report_on(DOCUMENTS[name]).verdicts)


def test_documents_share_no_mathematics_that_differs() -> None:
    """No formula of a step is printed for both of two layers that have no size and no index in common but by name."""
    one, other = (set(re.findall(r"\$`(.*?)`\$", markdown(DOCUMENTS[name]))) for name in ("rectangular", "conv1d"))
    assert not any("h - r + 1" in formula for formula in other)
    assert not any("n - m + 1" in formula for formula in one)


@pytest.fixture
def refuted(claims_file) -> str:
    """The report on claims that are all false."""
    return markdown(claims_file(REFUTED))


def test_a_refuted_file_shows_its_counterexamples_in_numbers(refuted: str) -> None:
    """No theorem, and for each claim the sizes, what is there and what should be."""
    assert "Theorem" not in refuted
    assert "0 of 3 claims" in refuted
    assert "| Verdict | refuted |" in refuted
    for number, claim in enumerate(("input-gradient", "output-size", "filter-gradient-side"), start=1):
        assert f"**Refuted claim {number}** (<code>{claim}</code>)" in refuted
    assert refuted.count("False at $`") == 3
    assert r"False at $`k = 1, n = 2, p = 1, m = 2`$" in refuted
    entry, times = r"\partial L / \partial X_{0, 0}^{({0})}", r"\,\partial L / \partial Y_{0, 0}^{({0})}"
    assert rf"- $`{entry} = F_{{0, 0, 0}}^{{({{0}})}}{times}`$ by the layer" in refuted
    assert rf"- $`{entry} = F_{{0, 1, 1}}^{{({{0}})}}{times}`$ as stated" in refuted
    assert "and every other entry 0: $`1`$ by the layer, $`0`$ as stated" in refuted
    assert r"got $`1 \times 2 \times 1`$, should be $`1 \times 1 \times 1`$" in refuted
    assert r"$`n - ({n - m + 1}) + 2 = 1 - ({1 - 1 + 1}) + 2 = 2`$" in refuted


def test_a_refuted_claim_shows_how_to_see_it_again(refuted: str) -> None:
    """The command for the layer on which it fails."""
    assert re.search(
        r"To see it again: <code>gradcheck verify \S+ --claim output-size --seed 0 --layers 1</code>", refuted
    )


def test_the_document_lists_its_errata() -> None:
    """What is printed, what holds, and why."""
    told = markdown(None)
    assert "| Errata | 5 |" in told
    assert "**Erratum 1** (<code>input-channel-size</code>). Printed: " in told
    assert re.search(r"Erratum \d.*Printed: \$`\\partial L / \\partial F_\{i\}\^\{\(\{i\}\)\}", told)
    assert "stands for two axes of" in told


@pytest.mark.parametrize("form", ["latex", "markdown", "typst", "json"])
def test_the_same_seed_gives_the_same_bytes(form: str, claims_file) -> None:
    """Two runs agree to the byte; another seed does not."""
    path = claims_file(REFUTED)
    one, two, other = (typeset(verify(path, layers=5, seed=seed), form, VERSIONS) for seed in (3, 3, 4))
    assert one == two
    assert one != other


@pytest.mark.parametrize("form", [form for form in SUFFIXES if form != "pdf"])
def test_hostile_text_is_in_every_format_and_acts_in_none(form: str, claims_file) -> None:
    """Each writer shows the text and leaves nothing of it that its format would act on."""
    told = typeset(report_on(claims_file(HOSTILE)), form, VERSIONS).decode()
    acts = {
        "latex": [r"\input{", r"\write18"],
        "markdown": ["<script", "](javascript", "$x$", "![x]", "https://"],
        "typst": ['\n#eval(', '"quoted"'],
        "json": ['"quoted"'],
        "smtlib": ["\n\\", "\n%"],
        "coq": ['"quoted"', "*/ //("],
    }  # fmt: skip
    unescaped = {
        "json": ['\\"quoted'],
        "typst": ['\\"quoted'],
        "latex": [r"\textbackslash{}write18"],
        "markdown": ["&#60;script"],
        "coq": [r"(* \input{/etc/passwd} \write18{touch pwned}", "''quoted''"],
        "smtlib": [r"; \input{/etc/passwd} \write18{touch pwned}"],
    }
    assert [act for act in acts[form] if act in told.replace('\\"quoted\\"', "")] == []
    assert all(shown in told for shown in unescaped[form])
    if form == "latex":
        assert told.count(r"\end{document}") == 1


@pytest.mark.parametrize("name", [None, *DOCUMENTS])
def test_markdown_uses_no_macro_that_github_refuses(name: str | None) -> None:
    """GitHub's filter lets none of these through, whatever MathJax can do (github/markup#1688)."""
    told = markdown(DOCUMENTS[name] if name else None)
    assert set(re.findall(r"\\(?:operatorname|mbox|phantom|newcommand|def|require|allowbreak)", told)) == set()
