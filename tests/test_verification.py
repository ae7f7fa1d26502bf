"""verify() brings claims, engines and evidence together."""

import pytest

import gradcheck
from gradcheck import Report, read_document, verify
from gradcheck.difference import Difference
from gradcheck.errors import Disagreement, GradcheckError, UnknownClaim
from gradcheck.evidence import Proof
from gradcheck.numeric.check import Mismatch
from gradcheck.numeric.draw import draw
from gradcheck.symbolic.basis import basis
from gradcheck.verification import select

CLAIMS = [claim.id for claim in read_document().claims]
FILE = """
title = "two claims"
layer = "conv1d"
where = ["m <= n"]

[[claim]]
id = "true"
shape = { Y = "p n-m+1" }

[[claim]]
id = "false"
shape = { Y = "p n-m" }
"""


def test_verify_gives_a_report():
    """A report has a verdict on every claim asked for, and what they rest on."""
    report = verify(layers=4, seed=2, claims=["output-size"])
    assert isinstance(report, Report)
    assert (report.subject, report.source, report.seed, report.layers) == ("Proof of gradient sizes", None, 2, 4)
    assert (report.verdict, report.interrupted, report.selected) == ("verified", False, ("output-size",))
    assert report.differences > 4
    assert report["output-size"].check.layers == 4
    assert report["output-size"].proof.status == "proved"


def test_every_claim_is_verified_in_the_documents_order():
    """Without a selection every claim of the document has its verdict."""
    report = verify(layers=2)
    assert [verdict.claim.id for verdict in report.verdicts] == CLAIMS
    assert {verdict.status for verdict in report.verdicts} == {"verified"}


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_a_claims_file_is_verified(tmp_path, as_path):
    """A file is named by a text or a path; its false claim is refuted and its true one verified."""
    path = tmp_path / "two.toml"
    path.write_text(FILE, encoding="utf-8")
    report = verify(as_path(path), layers=3)
    assert report.source == str(path)
    assert (report["true"].status, report["false"].status, report.verdict) == ("verified", "refuted", "refuted")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ((), CLAIMS),
        (["padding"], ["padding"]),
        (["padding", "input-size"], ["input-size", "padding"]),
        (["padding", "padding"], ["padding"]),
    ],
)
def test_claims_are_selected_in_the_documents_order(claims, expected):
    """The order and the number of times in which ids are given do not matter."""
    assert [claim.id for claim in select(read_document(), claims)] == expected


def test_an_unknown_claim_is_told_with_a_suggestion():
    """A near miss is suggested."""
    with pytest.raises(UnknownClaim, match=r"gradient_sizes.toml has no claim 'paddin'; did you mean 'padding'\?"):
        verify(claims=["padding", "paddin"])


@pytest.mark.parametrize("layers", [0, -1])
def test_no_layers_are_no_success(layers):
    """At least one layer has to be tested."""
    with pytest.raises(GradcheckError, match=f"layers is {layers}: at least 1 is needed"):
        verify(layers=layers)


def test_a_negative_seed_is_a_mistake_that_can_be_mended():
    """A seed that no generator takes is complained about as any other bad argument."""
    with pytest.raises(GradcheckError, match="seed is -1"):
        verify(layers=1, seed=-1, claims=["output-size"])


def test_the_same_seed_gives_the_same_report():
    """Reports are values: equal when they come from equal arguments."""
    claims = ["output-size", "filter-gradient-formula"]
    assert verify(layers=5, claims=claims) == verify(layers=5, claims=claims)
    assert verify(layers=30, claims=claims) != verify(layers=30, claims=claims, seed=1)


def test_errata_are_those_of_the_claims_asked_for():
    """A claim that is not part of the run brings no erratum."""
    assert verify(layers=1, claims=["filter-size"]).errata == ()
    assert str(verify(layers=1, claims=["input-channel-size"]).errata[0].printed) == "X: n x n"


def test_a_report_rests_on_its_basis_and_its_samples():
    """A report has what follows from the layer alone, and a sample for each layer that was checked."""
    document = read_document()
    report = verify(layers=4, seed=2, claims=["output-size", "padding"])
    assert report.basis == basis(document.layer, document.where)
    assert [dict(sample.sizes) for sample in report.samples] == [
        dict(sizes) for sizes in draw(document.layer, document.where, 4, 2)
    ]
    assert sum(s.elements for s in report.samples) == sum(v.check.elements for v in report.verdicts)
    assert report.differences == sum(
        s["k"] * s["n"] ** 2 + s["p"] * s["k"] * s["m"] ** 2 for s in (dict(one.sizes) for one in report.samples)
    )


def test_a_sample_names_the_claims_that_it_refutes(tmp_path):
    """A claim that is false everywhere fails on the first layer, and the true one beside it on none."""
    path = tmp_path / "two.toml"
    path.write_text(FILE, encoding="utf-8")
    assert [sample.failed for sample in verify(path, layers=3).samples] == [("false",), (), ()]


def test_progress_is_told_after_every_proof_and_every_layer():
    """The steps done go from 1 to the claims and layers together."""
    told = []
    verify(layers=3, claims=["output-size", "padding"], progress=lambda *now: told.append(now))
    assert told == [(n, 5) for n in range(1, 6)]


def interrupted_after(steps, **arguments):
    """The report of a run that is interrupted after so many steps."""

    def progress(done, total):
        if done == steps:
            raise KeyboardInterrupt

    return verify(progress=progress, **arguments)


def test_an_interrupt_while_checking_keeps_what_was_finished():
    """Proofs and the layers checked so far are reported, and the whole is incomplete."""
    report = interrupted_after(2 + 7, layers=50, claims=["output-size", "padding"])
    assert (report.interrupted, report.verdict) == (True, "incomplete")
    assert [verdict.status for verdict in report.verdicts] == ["verified", "verified"]
    assert [verdict.check.layers for verdict in report.verdicts] == [7, 7]
    assert len(report.samples) == 7
    assert report.differences > 0


def test_an_interrupt_while_proving_keeps_what_was_finished():
    """Claims that were not reached are not run; those proved and not checked are open."""
    report = interrupted_after(2, layers=50, claims=["input-size", "output-size", "padding"])
    assert [verdict.status for verdict in report.verdicts] == ["open", "open", "not run"]
    assert (report.interrupted, report.verdict, report.errata) == (True, "incomplete", ())
    assert (report.samples, report.differences) == ((), 0)
    assert [derivation.tensor for derivation in report.basis.derivations] == ["Y", "dX", "dF"]


def test_an_interrupt_after_a_refutation_is_refuted(tmp_path):
    """What was refuted before the interrupt stays refuted."""
    path = tmp_path / "two.toml"
    path.write_text(FILE, encoding="utf-8")
    assert interrupted_after(3, source=path, layers=50).verdict == "refuted"


def test_a_proved_claim_that_fails_its_check_is_a_disagreement(monkeypatch):
    """A fault planted in the numeric engine does not refute a proved claim: verify itself raises."""

    def planted(*args):
        raise Mismatch(Difference("the shape of Y", "1 x 1", "2 x 2"))

    monkeypatch.setattr("gradcheck.numeric.check.compare", planted)
    with pytest.raises(Disagreement, match="output-size is proved, but its check failed"):
        verify(layers=3, claims=["output-size"])


def test_a_false_proof_is_a_disagreement(monkeypatch, tmp_path):
    """A fault planted in the symbolic engine is noticed by the check: verify itself raises."""
    path = tmp_path / "two.toml"
    path.write_text(FILE, encoding="utf-8")
    monkeypatch.setattr("gradcheck.symbolic.prove.prove", lambda *args: Proof((), (), True))
    with pytest.raises(Disagreement, match="false is proved, but its check failed"):
        verify(path, layers=3)


def test_a_wrong_gradient_is_a_disagreement(monkeypatch):
    """A fault planted in the gradients of the numeric engine is noticed by its finite differences."""
    from gradcheck.numeric.trial import adjoint

    monkeypatch.setattr("gradcheck.numeric.trial.adjoint", lambda *args: adjoint(*args) + 1)
    with pytest.raises(Disagreement, match="is not its finite difference"):
        verify(layers=3, claims=["output-size"])


@pytest.mark.parametrize("name", ["verify", "read_document", "Report"])
def test_public_names_are_in_the_package(name):
    """What a user needs is one import away."""
    assert name in gradcheck.__all__
    assert getattr(gradcheck, name).__name__ == name


def test_other_names_are_not():
    """An unknown name is the usual AttributeError."""
    with pytest.raises(AttributeError, match="no attribute 'prove'"):
        gradcheck.prove  # noqa: B018 - the look-up is what is tested


def test_one_claim_may_be_named_without_a_list():
    """A single id is not taken for its letters."""
    assert [v.claim.id for v in verify(layers=1, claims="padding").verdicts] == ["padding"]
