"""The sizes on which a target is checked: chosen to expose mistakes, and adapted to what it accepts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gradcheck.conventions.family import Case
from gradcheck.conventions.geometry import RULES, padded
from gradcheck.conventions.search import Found


@dataclass(frozen=True, slots=True)
class Wish:
    """Sizes that would expose something: N, k, p, g, then n, m for up to three axes, and s, d, P alike on all."""

    N: int
    k: int
    p: int
    n: tuple[int, int, int]
    m: tuple[int, int, int]
    s: int = 1
    d: int = 1
    P: int = 0
    g: int = 1


WISHES = (
    Wish(2, 2, 3, (5, 4, 3), (3, 3, 3)),
    Wish(2, 3, 2, (4, 5, 3), (2, 2, 2), P=1),  # even filters
    Wish(2, 2, 3, (5, 6, 4), (3, 3, 3), s=2),  # a stride that does not divide on one axis
    Wish(4, 1, 2, (5, 4, 3), (3, 2, 2), P=1),  # a filter that is not square, one channel
    Wish(2, 3, 2, (5, 4, 4), (2, 2, 2), s=2, P=1),
    Wish(2, 2, 3, (4, 3, 3), (1, 1, 1)),  # m = 1
    Wish(2, 2, 1, (3, 3, 3), (3, 3, 3), P=1),  # m = n, one filter
    Wish(1, 2, 3, (6, 7, 5), (3, 3, 3), d=2, P=1),  # one sample, dilation
    Wish(2, 1, 3, (8, 6, 6), (2, 2, 2), s=3, d=2),  # a remainder of 2
    Wish(2, 3, 2, (4, 4, 4), (3, 3, 3), P=2),  # square, so that swapped axes are seen as such
    Wish(2, 4, 6, (4, 3, 3), (3, 3, 3), P=1, g=2),
    Wish(1, 6, 3, (4, 5, 3), (2, 2, 2), s=2, g=3),
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Which sizes of a target can be chosen, and the sizes nearest to a wish that it can be given."""

    found: Found

    def free(self, role: str) -> bool:
        """Whether a size can be chosen: the target is told it, or it follows from the arrays it is given."""
        convention, options = self.found.convention, self.found.convention.options
        if role in options.fixed:
            return False
        layouts = convention.layouts
        if role == "N":
            return "z" in layouts["x"]
        if role == "n":
            return True
        given = "w" not in convention.weights
        if role == "k":
            return "i" in layouts["x"] and (given or options.takes("k") or options.takes("n"))
        if role == "p":
            return "j" in layouts["y"] and (given or options.takes("p"))
        return options.takes(role) or (role == "m" and given)

    def fit(self, wish: Wish) -> Case:
        """The wish as far as the target lets itself be told, the rest as it was found."""
        case, dims = self.found.case, self.found.convention.family.dims
        wished = {role: getattr(wish, role) for role in ("N", "k", "p", "g")}
        wished |= {role: getattr(wish, role)[:dims] for role in ("n", "m")}
        wished |= {role: (getattr(wish, role),) * dims for role in ("s", "d")}
        one = case.having(**{role: value for role, value in wished.items() if self.free(role)})
        return self._grouped(one.having(padding=((wish.P, wish.P),) * dims) if self.free("P") else one)

    def _grouped(self, case: Case) -> Case:
        """The case with channels and filters that fit into the groups: a depthwise layer has one group a channel."""
        found, options = self.found.case, self.found.convention.options
        if found.g > 1 and not options.takes("g") and found.g == found.k:
            factor = case.p if options.takes("multiplier") else max(1, found.p // found.k)
            return replace(case, g=case.k, p=case.k * factor)
        return case


def cases(found: Found) -> tuple[Case, ...]:
    """The sizes to check, each once, the layer fitting into its image."""
    accepted = Accepted(found)
    wished = (_large_enough(accepted.fit(wish), accepted) for wish in WISHES)
    return tuple(dict.fromkeys(case for case in wished if case.k % case.g == 0 and case.p % case.g == 0))


def _large_enough(case: Case, accepted: Accepted) -> Case:
    """The case with an image in which the filter fits."""
    if accepted.found.convention.family.transposed or "n" in accepted.found.convention.options.fixed:
        return case
    need = [d * (m - 1) + 1 - a - b for d, m, (a, b) in zip(case.d, case.m, case.padding, strict=True)]
    return replace(case, n=tuple(max(n, least) for n, least in zip(case.n, need, strict=True)))


RELAXATIONS: dict[str, Callable[[Case], Case]] = {
    "images that are not square": lambda c: replace(c, n=(max(c.n, default=1),) * len(c.n)),
    "filters that are not square": lambda c: replace(c, m=(max(c.m, default=1),) * len(c.m)),
    "even filters": lambda c: replace(
        c,
        m=tuple(m + (m % 2 == 0) for m in c.m),
        n=tuple(n + (m % 2 == 0) for n, m in zip(c.n, c.m, strict=True)),
    ),
    "a stride that does not divide": lambda c: replace(
        c, n=tuple(n - (n + a + b - d * (m - 1) - 1) % s for n, m, s, d, (a, b) in _axes(c))
    ),
    "a stride above 1": lambda c: replace(c, s=(1,) * len(c.s)),
    "a dilation above 1": lambda c: replace(c, d=(1,) * len(c.d)),
    "several samples": lambda c: replace(c, N=1),
}


def _axes(case: Case) -> Iterator[tuple[int, int, int, int, tuple[int, int]]]:
    return zip(case.n, case.m, case.s, case.d, case.padding, strict=True)


def relaxed(case: Case, found: Found) -> Iterator[tuple[tuple[str, ...], Case]]:
    """The case with one or two demands on the target dropped, and which."""
    names = list(RELAXATIONS)
    seen = {case}
    yield ("images of other sizes",), replace(case, n=found.case.n)
    for wanted in [*((name,) for name in names), *((a, b) for n, a in enumerate(names) for b in names[n + 1 :])]:
        one = case
        for name in wanted:
            one = _again(RELAXATIONS[name](one), found)
        if one not in seen:
            seen.add(one)
            yield wanted, one


def _again(case: Case, found: Found) -> Case:
    """What is fixed in the target stays as it is."""
    accepted, own = Accepted(found), found.case
    fixed = {role: getattr(own, role) for role in ("m", "s", "d", "n") if not accepted.free(role)}
    return case.having(**fixed)


def rules(found: Found, case: Case) -> Iterator[tuple[str, Case]]:
    """The case with its padding by each rule that the target's may have: none, where it was told."""
    told, string = Accepted(found).free("P"), found.convention.options.styles.get("P") == "string"
    if told and not string:
        yield "", case
        return
    wanted = [rule for rule in RULES if (rule != "0") == any(map(any, case.padding))] if told else found.rules
    for rule in wanted:
        yield rule, padded(case, rule) if rule else case
