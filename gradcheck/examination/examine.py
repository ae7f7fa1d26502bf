"""The front verb: a target in, all that was found out about it out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gradcheck.conventions.alike import Like, other_kind, unlike
from gradcheck.conventions.bound import base_case, convention_of, own_cases
from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case
from gradcheck.conventions.layout import told
from gradcheck.conventions.line import line_of
from gradcheck.conventions.options import from_arrays, options_of
from gradcheck.conventions.said import Said
from gradcheck.conventions.search import Found, Search
from gradcheck.conventions.sweep import Accepted, cases
from gradcheck.diagnosis.blind import blind_spots
from gradcheck.diagnosis.nearest import nearest
from gradcheck.diagnosis.scene import Scene
from gradcheck.errors import TargetError, TargetRaised
from gradcheck.examination.contracts import notices
from gradcheck.examination.results import results
from gradcheck.examination.runs import Examiner
from gradcheck.examination.unrecognised import unrecognised
from gradcheck.findings import Examination, Notice
from gradcheck.targets.exchange import Description
from gradcheck.targets.recognise import Target
from gradcheck.targets.roles import argument, operand


def examine(
    target: Target,
    name: str,
    said: Said | None = None,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Examination:
    """All that can be found out about a target, of which `said` is said.

    Raises TargetError where it cannot be understood, and TargetRaised or TargetStopped where it fails on
    every size.
    """
    said = said or Said()
    described, examiner = experiment(target, said, seed, progress)
    convention = examiner.found.convention
    told = (
        *_unlike(said.like, examiner.found),
        *_reversed(convention, said.flips),
        *_left_alone(described, convention),
        *notices(target, examiner.runs, examiner.sources),
    )
    shared = [notice.role for notice in told if notice.id == "accumulated"]
    return Examination(
        name,
        described.kind,
        described.file,
        described.line,
        seed,
        said.words,
        line_of(convention, examiner.found.case)[0],
        _conventions(examiner),
        results(examiner.runs, examiner.sources, convention, shared),
        told,
        tuple(examiner.unsupported.items()),
        _blind(examiner),
        len(examiner.runs),
    )


def _unlike(like: Like | None, found: Found) -> Iterator[Notice]:
    """In what the target is another layer than it is said to be like."""
    if like:
        for told in unlike(like, found):
            yield Notice("unlike", f"it is not like {like.name}: {told}", refutes=True)


def _reversed(convention: Convention, flips: tuple[bool, ...]) -> tuple[Notice, ...]:
    """That a layer is a true convolution is said, unless the user has said so."""
    if not convention.family.flipped or flips == (True,):
        return ()
    text = (
        "forward reverses the filter: it is a true convolution, where most layers are a cross-correlation; "
        "if that is not meant, --operation correlation refutes it"
    )
    return (Notice("true-convolution", text, refutes=False),)


def _left_alone(described: Description, convention: Convention) -> tuple[Notice, ...]:
    """Which options were left at their defaults, because nothing says what they are."""
    options = convention.options
    known = {name for role, (name, *_) in options.named.items() if options.takes(role)} | set(options.passed)
    loose = [p for p in described.parameters if p.stage != "backward" and not p.required and p.name not in known]
    told = [f"{p.name}={p.default!r}" for p in loose if not operand(p.name) and argument(p.name) != "rate"]
    if not told or described.binds:
        return ()
    text = f"left at their defaults, so that nothing was found out about others: {', '.join(told)} (--set NAME=VALUE)"
    return (Notice("options-left", text, refutes=False),)


def experiment(
    target: Target, said: Said, seed: int, progress: Callable[[int, int], None]
) -> tuple[Description, Examiner]:
    """The target as it was understood, run on all its sizes; raises what `examine` does."""
    described = target.description
    if described.binds:
        other = said.like and said.like.name != described.binds[0]
        if said.layouts or said.options or len(said.flips) == 1 or other:
            raise TargetError(f"{described.name} is a binding: it says itself what it is; change it there")
        found, wanted = _bound(described, seed)
    else:
        described, found = _recognised(target, said)
        wanted = cases(found)
    examiner = Examiner(target, seed, found, wanted)
    examiner.check(progress)
    if not examiner.runs:
        first = {why: what for what, why in reversed(examiner.unsupported.items())}
        refused = "; ".join(f"{what}: {why}" for why, what in reversed(first.items()))
        raise TargetError(f"{described.name} accepts none of the sizes that were tried: {refused}")
    return described, examiner


def _bound(described: Description, seed: int) -> tuple[Found, Sequence[Case]]:
    """A binding as it says it is, and the sizes to check it on."""
    convention = convention_of(described)
    assert described.binds
    name, shapes, where = described.binds
    if convention.family.line is None:
        found = Found(convention, base_case(convention, name), None, ("0",))
        return found, cases(found)
    own = own_cases(name, shapes, where, seed)
    return Found(convention, own[0], None, ("",)), own


def _recognised(target: Target, said: Said) -> tuple[Description, Found]:
    """What the target is, exactly or but for a mistake in its forward; raises its own exception if it only raises."""
    searches = []
    flips, family = ((said.like.family.flipped,), said.like.family) if said.like else (said.flips, None)
    for described in (target.description, from_arrays(target.description)):
        if described:
            search = Search(target.run, described, options_of(described, said.options), said.layouts, flips, family)
            searches.append(search)
            found = (said.like and _whatever(search, said.like)) or search.exact()
            if found:
                return search.described, found
            if search.nonlinear:
                raise unrecognised(target.description.name, searches, said)
    for search in searches:
        biased = any("b" in attempt.operands for attempt in search.attempts)
        found = replace(search, unbiased=True, attempts=[]).exact() if biased else None
        if found:
            return search.described, found
    for search in searches:
        near = nearest(search)
        if near:
            return search.described, near
    for search in searches:
        if search.raised and not search.attempts:
            error, case = search.raised
            raise TargetRaised(f"{error.stage}, at {case.told()},", error.message, error.trace)
    raise unrecognised(target.description.name, searches, said)


def _whatever(search: Search, like: Like) -> Found | None:
    """What the target is exactly, if that is what it is said to be, or of another kind."""
    found = replace(search, family=None, flips=(False, True), attempts=[]).exact()
    return found if found and (found.convention.family == like.family or other_kind(like, found)) else None


def _conventions(examiner: Examiner) -> tuple[tuple[str, str], ...]:
    convention = examiner.found.convention
    found = [("layer", convention.family.called)]
    if convention.family.line:
        return tuple(found)
    found += [(what, told(convention.layouts[role], role)) for role, what in _ARRAYS if role in convention.layouts]
    found += [(what, _amount(examiner, role)) for role, what in _SIZES if convention.family.dims]
    found += [(f"d{role}", source.told()) for role, source in examiner.sources.items()]
    return tuple((what, how) for what, how in found if how)


_ARRAYS = (("x", "input"), ("w", "filters"), ("y", "output"), ("b", "bias"))
_SIZES = (("s", "stride"), ("P", "padding"), ("d", "dilation"), ("g", "groups"))


def _amount(examiner: Examiner, role: str) -> str:
    """How a size is chosen: by which option, or what it always is."""
    found, convention = examiner.found, examiner.found.convention
    if Accepted(found).free(role):
        option = ".".join(convention.options.named[role])
        rule = f", {convention.rule}" if role == "P" and convention.rule else ""
        return f"by {option}{rule}"
    if role == "P":
        return convention.rule if convention.rule != "0" else ""
    value = getattr(found.case, role)
    sides = value if isinstance(value, tuple) else (value,)
    if role == "g" and found.case.g == found.case.k > 1:
        return "one for each channel (depthwise)"
    return "" if set(sides) == {1} else ",".join(map(str, sides))


def _blind(examiner: Examiner) -> tuple[tuple[str, str], ...] | None:
    if examiner.found.convention.family.line:
        return None
    scenes: dict[str, list[Scene]] = {
        role: [scene for run in examiner.runs if (scene := run.scene(role))] for role in examiner.sources
    }
    return blind_spots(scenes, _possible(examiner))


def _possible(examiner: Examiner) -> frozenset[str]:
    """The classic mistakes that a target of this kind can make."""
    accepted, found = Accepted(examiner.found), examiner.found
    layouts, dims = found.convention.layouts, found.convention.family.dims
    has = {
        "filter-not-rotated": bool(dims) and not found.convention.family.transposed,
        "filter-rotated": found.convention.family.transposed,
        "filter-gradient-rotated": bool(dims),
        "last-sample-only": "z" in layouts["x"],
        "stride-ignored": bool(dims) and (accepted.free("s") or set(found.case.s) != {1}),
        "remainder-lost": bool(dims) and not found.convention.family.transposed and accepted.free("s"),
        "dilation-ignored": bool(dims) and (accepted.free("d") or set(found.case.d) != {1}),
        "padding-not-removed": bool(dims) and accepted.free("P") and not found.convention.family.transposed,
        "empty-at-padding-0": bool(dims) and accepted.free("P") and not found.convention.family.transposed,
        "one-group-only": accepted.free("g"),
        "channels-reversed": True,
        "bias-axes": "b" in layouts,
    }
    return frozenset(cause for cause, possible in has.items() if possible)
