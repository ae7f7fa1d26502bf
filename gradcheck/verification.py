"""The one place where claims, the two engines and their evidence meet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from gradcheck.claims.claim import Claim, Document, Hypothesis
from gradcheck.claims.parsing import parse_given
from gradcheck.claims.reader import read_document
from gradcheck.errors import GradcheckError, LayerError, UnknownClaim, Untestable
from gradcheck.evidence import Basis, Check, Erratum, Method, Proof, Report, Sample, Verdict
from gradcheck.notation.scanner import suggestion

LAYERS = 200


def verify(
    source: str | Path | None = None,
    *,
    layers: int = LAYERS,
    seed: int = 0,
    claims: Sequence[str] = (),
    method: Method = "full",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """The verdict on every claim in a claims file, or on those of "Proof of gradient sizes".

    `layers` random layers are checked, drawn from `seed`; `claims` selects claims by their id.
    The gradients on a layer are found by a difference for each element, or (`method="probe"`, for many
    layers) derived, and tested by exact random trials. `progress` is called with how many steps are done
    and how many there are. An interrupt ends the run with what was finished so far.

    Raises ClaimsError, LayerError or Untestable for a file that cannot be verified, UnknownClaim
    for an id that it does not have, and Disagreement if the two engines contradict each other.

    >>> verify(layers=3, claims=["output-size"]).verdict
    'verified'
    """
    if layers < 1:
        raise GradcheckError(f"layers is {layers}: at least 1 is needed, nothing tested is no success")
    if seed < 0:
        raise GradcheckError(f"seed is {seed}: it must not be negative")
    claims = (claims,) if isinstance(claims, str) else tuple(claims)
    document = read_document(source)
    with _naming(document):
        run = _Run(document, select(document, claims), layers, seed, method, progress)
        interrupted = run.finish()
    verdicts = map(Verdict, run.claims, run.proofs, run.checks)
    path = None if source is None else str(source)
    evidence = tuple(run.samples), tuple(verdicts), run.errata
    return Report(document.title, path, claims, seed, layers, run.basis, *evidence, interrupted, method)


def derive(source: str | Path | None, claim: str) -> tuple[Claim, Proof]:
    """One claim of a claims file, and its proof; raises what `verify` does."""
    from gradcheck.symbolic.prove import prove

    document = read_document(source)
    (chosen,) = select(document, [claim])
    with _naming(document):
        return chosen, prove(document.layer, document.assumed(chosen), chosen)


def explore(line: str, shapes: Mapping[str, str], where: Sequence[str] = ()) -> tuple[Basis, tuple[Hypothesis, ...]]:
    """What follows from a line of notation (or a name in the catalogue) alone, and the hypotheses that it needs.

    `where` are hypotheses that are given; those that are needed besides are found, and assumed.
    Raises NotationError or LayerError for what is no layer.

    >>> explore("conv1d", {})[0].derivations[1].sizes
    (Sym(name='k'), Sym(name='n'))
    """
    from gradcheck.symbolic.basis import basis, replayed
    from gradcheck.symbolic.needed import needed

    layer, given = parse_given(line, shapes, where)
    more = needed(layer, given)
    found = basis(layer, (*given, *more))
    replayed(found)
    return found, more


@contextmanager
def _naming(document: Document) -> Iterator[None]:
    """Say which file it is whose layer or hypotheses cannot be used."""
    try:
        yield
    except (LayerError, Untestable) as error:
        raise type(error)(f"{document.source}: {error}") from None


def select(document: Document, claims: Sequence[str]) -> tuple[Claim, ...]:
    """The claims with these ids, in the document's order; all of them when none is named."""
    known = [claim.id for claim in document.claims]
    for name in claims:
        if name not in known:
            raise UnknownClaim(f"{document.source} has no claim '{name}'{suggestion(name, known)}")
    return tuple(claim for claim in document.claims if not claims or claim.id in claims)


class _Run:
    """The evidence as it comes in, so that an interrupt loses nothing that was finished."""

    def __init__(
        self,
        document: Document,
        claims: tuple[Claim, ...],
        layers: int,
        seed: int,
        method: Method,
        progress: Callable[[int, int], None],
    ) -> None:
        from gradcheck.symbolic.basis import basis

        self.document, self.claims, self.layers, self.seed, self.method = document, claims, layers, seed, method
        self.basis = basis(document.layer, document.where)
        self.proofs: list[Proof | None] = [None] * len(claims)
        self.checks = [Check()] * len(claims)
        self.errata: tuple[Erratum, ...] = ()
        self.samples: list[Sample] = []
        self._progress = progress
        self._done = 0

    def finish(self) -> bool:
        """Collect all the evidence; whether this was interrupted."""
        from gradcheck.numeric.draw import draw
        from gradcheck.symbolic.basis import replayed

        together: dict[tuple[Hypothesis, ...], list[int]] = {}
        for n, claim in enumerate(self.claims):
            together.setdefault(self.document.assumed(claim), []).append(n)
        self._total = len(self.claims) + self.layers * len(together)
        try:
            drawn = [draw(self.document.layer, where, self.layers, self.seed) for where in together]
            self._prove()
            replayed(self.basis)
            for own, sizes in zip(together.values(), drawn, strict=True):
                self._check(own, sizes)
        except KeyboardInterrupt:
            return True
        return False

    def _advance(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)

    def _prove(self) -> None:
        from gradcheck.symbolic.errata import errata
        from gradcheck.symbolic.prove import prove

        for n, claim in enumerate(self.claims):
            self.proofs[n] = prove(self.document.layer, self.document.assumed(claim), claim)
            self._advance()
        self.errata = errata(self.document, self.claims)

    def _check(self, own: Sequence[int], sizes: Sequence[Mapping[str, int]]) -> None:
        """Check the claims that share their hypotheses on layers that satisfy these."""
        from gradcheck.numeric.check import check

        for state in check(self.document.layer, [self.claims[n] for n in own], sizes, self.seed, self.method):
            for n, found in zip(own, state.checks, strict=True):
                self.checks[n] = found
            self.samples.append(state.sample)
            self._advance()
