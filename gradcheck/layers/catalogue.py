"""Layers by name: the line of notation and the operands' sizes. Literals only."""

CATALOGUE: dict[str, tuple[str, dict[str, str]]] = {
    "dense": ("Y[j] += W[j,i] * X[i]", {"W": "p k", "X": "k"}),
    "conv1d": ("Y[j,a] += X[i,a+u] * F[j,i,u]", {"X": "k n", "F": "p k m"}),
    "conv2d": (
        "Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    "conv3d": (
        "Y[j,a,b,c] += X[i,a+u,b+v,c+w] * F[j,i,u,v,w]",
        {"X": "k n n n", "F": "p k m m m"},
    ),
    "depthwise2d": ("Y[i,a,b] += X[i,a+u,b+v] * F[i,u,v]", {"X": "k n n", "F": "k m m"}),
    "trueconv2d": (
        "Y[j,a,b] += X[i,a+m-1-u,b+m-1-v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
}
