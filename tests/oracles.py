"""What layers and array formulas mean, as plain nested loops; entries are kept in dictionaries.

No line here is shared with the package: it is what the package is compared with. A layer's sizes
are a dictionary by the catalogue's letters; only the line of a transposed layer reads its input
among zeros, here it adds to its output instead.
"""

from itertools import product
from math import prod

SPATIAL = {
    "conv1d": 1,
    "conv2d": 2,
    "conv2d_rectangular": 2,
    "conv3d": 3,
    "conv3d_rectangular": 3,
    "conv2d_batch": 2,
    "conv2d_grouped": 2,
    "depthwise2d": 2,
    "trueconv2d": 2,
    "conv2d_strided": 2,
    "conv2d_padded": 2,
    "conv2d_asymmetric": 2,
    "conv2d_dilated": 2,
    "conv1d_general": 1,
    "conv2d_general": 2,
    "conv1d_transposed": 1,
    "conv2d_transposed": 2,
    "avgpool2d": 2,
    "local2d": 2,
}
OPERANDS = {
    "dense": ("W", "X"),
    "bilinear": ("W", "X", "Z"),
    "attention_scores": ("Q", "K"),
    "bias": ("B",),
    **dict.fromkeys(SPATIAL, ("X", "F")),
    "avgpool2d": ("X", "W"),
}
LETTERS = {
    "dense": "k p",
    "bilinear": "k p q",
    "attention_scores": "g n m k",
    "bias": "N p o",
    **dict.fromkeys(SPATIAL, "k p n m"),
    "conv2d_rectangular": "k p n1 n2 m1 m2",
    "conv3d_rectangular": "k p n1 n2 n3 m1 m2 m3",
    "conv2d_batch": "N k p n m",
    "conv2d_grouped": "g k p n m",
    "depthwise2d": "k n m",
    "conv2d_strided": "k p n m s",
    "conv2d_padded": "k p n m P",
    "conv2d_asymmetric": "k p n m P Q",
    "conv2d_dilated": "k p n m d",
    **dict.fromkeys(("conv1d_general", "conv2d_general"), "k p n m P s d"),
    **dict.fromkeys(("conv1d_transposed", "conv2d_transposed"), "k p n m P Q s d"),
    "avgpool2d": "k n m s",
}
LAYERS = tuple(OPERANDS)
KINDS = ("dense", "conv1d", "conv2d", "conv3d", "depthwise2d", "trueconv2d")  # sizes k, n, m and p alone, two operands


def line(length, before=0, after=0, apart=1):
    """What stands at each place of an axis among its zeros: the number of an entry, or None for a zero."""
    places = []
    for entry in range(length):
        places += [None] * (apart - 1) * (entry > 0) + [entry]
    places = [None] * before + places + [None] * after
    return places[max(0, -before) : max(0, len(places) - max(0, -after))]


def windows(places, taps, stride=1, apart=1):
    """Every position of a window, with every tap of it and what it reads there."""
    found, start = [], 0
    while start + apart * (taps - 1) < len(places):
        found += [(start // stride, tap, places[start + apart * tap]) for tap in range(taps)]
        start += stride
    return found


def scattered(length, taps, stride, apart, crop, more):
    """Every place of a transposed layer's output, then every one that an entry and a tap add to."""
    side = stride * (length - 1) + apart * (taps - 1) + 1 - 2 * crop + more
    found = [(place, 0, None) for place in range(side)]
    for entry in range(length):
        for tap in range(taps):
            place = stride * entry + apart * tap - crop
            if 0 <= place < side:
                found.append((place, tap, entry))
    return found


def axes(kind, **z):
    """For each spatial axis the places of the output, the taps and the entries of the input that meet."""
    for number in range(1, SPATIAL[kind] + 1):
        n, m = (z[letter] if letter in z else z[f"{letter}{number}"] for letter in "nm")
        s, d, before, after = z.get("s", 1), z.get("d", 1), z.get("P", 0), z.get("Q", z.get("P", 0))
        if kind.endswith("transposed"):
            yield scattered(n, m, s, d, before, after)
        else:
            yield windows(line(n, before, after), m, s, d)


def fits(kind, **z):
    """Whether the output has at least one entry."""
    return kind not in SPATIAL or all(axes(kind, **z))


def heads(kind, **z):
    """The leading indices that meet: those of the output, of the input and of the filter."""
    for i in range(z["k"]):
        if kind in ("depthwise2d", "avgpool2d"):
            yield (i,), (i,), (i,) if kind == "depthwise2d" else ()
            continue
        for j in range(z["p"]):
            match kind:
                case "conv1d_transposed" | "conv2d_transposed":
                    yield (j,), (i,), (i, j)
                case "conv2d_batch":
                    yield from (((b, j), (b, i), (j, i)) for b in range(z["N"]))
                case "conv2d_grouped":
                    yield from (((h, j), (h, i), (h, j, i)) for h in range(z["g"]))
                case _:
                    yield (j,), (i,), (j, i)


def shapes(kind, **z):
    """The sizes of the operands of a layer."""
    if kind not in SPATIAL:
        words = {"dense": "pk k", "bilinear": "pkq k q", "attention_scores": "gnk gmk", "bias": "p"}[kind]
        return tuple(tuple(z[letter] for letter in word) for word in words.split())
    ns, ms = ([z[letter] if letter in z else z[f"{letter}{e}"] for e in range(1, SPATIAL[kind] + 1)] for letter in "nm")
    k, p = z["k"], z.get("p")
    channels = {
        "depthwise2d": ((k,), (k,)),
        "avgpool2d": ((k,), ()),
        "conv2d_batch": ((z.get("N"), k), (p, k)),
        "conv2d_grouped": ((z.get("g"), k), (z.get("g"), p, k)),
        "conv1d_transposed": ((k,), (k, p)),
        "conv2d_transposed": ((k,), (k, p)),
        "local2d": ((k,), (p, k, *(n - m + 1 for n, m in zip(ns, ms, strict=True)))),
    }
    x, f = channels.get(kind, ((k,), (p, k)))
    return (*x, *ns), (*f, *ms)


def terms(kind, **z):
    """Every product in the layer's sum: the output entry it adds to, and the entries it multiplies.

    None instead of an entry is a zero.
    """
    k, p = range(z.get("k", 0)), range(z.get("p", 0))
    match kind:
        case "dense":
            yield from (((j,), (j, i), (i,)) for j in p for i in k)
        case "bilinear":
            yield from (((j,), (j, i, e), (i,), (e,)) for j in p for i in k for e in range(z["q"]))
        case "attention_scores":
            for h, a, b in product(range(z["g"]), range(z["n"]), range(z["m"])):
                yield from (((h, a, b), (h, a, i), (h, b, i)) for i in k)
        case "bias":
            yield from (
                ((b, j, *at), (j,)) for b in range(z["N"]) for j in p for at in product(range(z["o"]), repeat=2)
            )
        case _:
            yield from convolved(kind, **z)


def convolved(kind, **z):
    """The products of a layer whose filter slides."""
    for (to, of, by), meeting in product(heads(kind, **z), list(product(*axes(kind, **z)))):
        y, u, x = zip(*meeting, strict=True)
        read = None if None in x else (*of, *x)
        if kind == "trueconv2d":
            u = tuple(z["m"] - 1 - tap for tap in u)
        yield (*to, *y), read, (*by, *y, *u) if kind == "local2d" else (*by, *u)


def forward(products, *operands):
    """The output: every product added to its entry."""
    output = {}
    for y, *places in products:
        output[y] = output.get(y, 0) + prod(entry(*one) for one in zip(operands, places, strict=True))
    return output


def backward(products, *operands_and_cotangent):
    """The gradients of sum(cotangent * output) with respect to every operand, at the entries that are read."""
    *operands, cotangent = operands_and_cotangent
    found = [{} for _ in operands]
    for y, *places in products:
        for n, place in enumerate(places):
            others = [entry(*one) for e, one in enumerate(zip(operands, places, strict=True)) if e != n]
            if place is not None:
                found[n][place] = found[n].get(place, 0) + prod(others) * cotangent[y]
    return tuple(found)


def entry(array, place):
    """The entry at a place, or zero where there is none."""
    return 0 if place is None else array[place]


def spread(array, before=0, after=0, apart=1):
    """The array with zeros between its entries and around them, as nested lists would be read."""
    sides = [line(side, before, after, apart) for side in array.shape]
    found = {}
    for at in product(*(range(len(side)) for side in sides)):
        own = tuple(side[x] for side, x in zip(sides, at, strict=True))
        found[at] = entry(array, None if None in own else own)
    return found


def slid(signal, kernel, reverse, stride=1, apart=1):
    """The valid cross-correlation of two arrays, or with `reverse` their valid true convolution."""
    found = {}
    sides = [windows(list(range(s)), t, stride, apart) for s, t in zip(signal.shape, kernel.shape, strict=True)]
    for meeting in product(*sides):
        x, tap, read = zip(*meeting, strict=True)
        if reverse:
            tap = tuple(t - 1 - e for t, e in zip(kernel.shape, tap, strict=True))
        found[x] = found.get(x, 0) + signal[read] * kernel[tap]
    return found
