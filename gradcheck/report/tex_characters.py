"""Characters of any text for TeX: nothing of it acts, and nothing of it is lost.

What Computer Modern has is set; any other character is shown by its code point.
"""

import re
import unicodedata

ACTIVE = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\texorpdfstring{\textup{\char36}}{\$}",  # the macro alone would take a font that is a bitmap
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\^{}",
    "~": r"\~{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}",
    '"': r"\ensuremath{''}",
    "`": r"`{}",  # no ligature with what follows
    "'": r"'{}",
    "-": r"-{}",
    "?": r"?{}",
    "!": r"!{}",
    ",": r",{}",
    "[": "{[}",  # begins no option of what stands before it
}
CODE = {"'": r"\char13{}", " ": r"\ "}  # straight, and as many as there are
LETTERS = {
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "å": r"\aa{}",
    "Å": r"\AA{}",
    "–": "--{}",
    "—": "---{}",
    "‘": "`{}",
    "’": "'{}",
    "“": "``",
    "”": "''",
    "…": r"\dots{}",
    "¡": "!`",
    "¿": "?`",
    "\u00a0": "~",
}
ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0331": "b",
}
MATHEMATICS = dict(
    pair.split(" ")
    for pair in r"""
∂ \partial,× \times,· \cdot,± \pm,− -,≤ \le,≥ \ge,≠ \ne,≈ \approx,≡ \equiv,→ \to,← \gets,⇒ \Rightarrow
∈ \in,∑ \sum,∏ \prod,∞ \infty,∇ \nabla,√ \surd,⊛ \circledast,⋆ \star,∗ \ast,∘ \circ,⟨ \langle,⟩ \rangle
§ \mathsection,¶ \mathparagraph,′ {}^{\prime},° {}^{\circ},² {}^{2},³ {}^{3},ℝ \mathbb{R},ℤ \mathbb{Z},ℕ \mathbb{N}
α \alpha,β \beta,γ \gamma,δ \delta,ε \varepsilon,ζ \zeta,η \eta,θ \theta,ι \iota,κ \kappa,λ \lambda,μ \mu,ν \nu
ξ \xi,ο o,π \pi,ρ \rho,ς \varsigma,σ \sigma,τ \tau,υ \upsilon,φ \varphi,χ \chi,ψ \psi,ω \omega,µ \mu
Γ \Gamma,Δ \Delta,Θ \Theta,Λ \Lambda,Ξ \Xi,Π \Pi,Σ \Sigma,Υ \Upsilon,Φ \Phi,Ψ \Psi,Ω \Omega
""".strip()
    .replace("\n", ",")
    .split(",")
)
BREAKS = 20  # characters in a row after which a line may be broken, so that none runs off the page


def escaped(text: str, code: bool = False) -> str:
    """The text for TeX; in `code` it is set as typed."""
    composed = re.findall("[\\s\\S][\u0300-\u036f]*", unicodedata.normalize("NFC", text))
    found, run, before = [], 0, ""
    for c in composed:
        found.append(_character(c, code))
        run = 0 if c == " " else run + 1
        if run and (run % BREAKS == 0 or (code and c in "-/._" and before.isalnum())):
            found.append(r"\allowbreak{}")
        before = c
    return "".join(found)


def _character(c: str, code: bool) -> str:
    if code and c in CODE:
        return CODE[c]
    if code and c in ACTIVE and c not in "-,?![":
        return rf"\char{ord(c)}{{}}"  # typewriter type has all of ASCII in its place
    if c in ACTIVE:
        return ACTIVE[c]
    if c in LETTERS:
        return LETTERS[c]
    if c in MATHEMATICS:
        return rf"\ensuremath{{{MATHEMATICS[c]}}}"
    if c.isascii() and c.isprintable():
        return c
    base, marks = (apart := unicodedata.normalize("NFD", c))[0], apart[1:]
    if base.isascii() and base.isalpha() and marks in ACCENTS:
        return rf"\{ACCENTS[marks]}{{{base}}}"
    return "".join(f"{{[}}U+{ord(one):04X}]" for one in c)
