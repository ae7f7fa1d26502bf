"""A dense layer with Param objects whose gradients accumulate until zero_grad (mini-framework style)."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Param:
    """A parameter and its gradient."""

    data: np.ndarray
    grad: np.ndarray = field(init=False)

    def __post_init__(self):
        self.grad = np.zeros_like(self.data)


class Dense:
    """y = x W + b for x of shape (batch, in_features)."""

    def __init__(self, in_features, out_features):
        rng = np.random.default_rng()
        self.params = {
            "W": Param(rng.normal(0.0, in_features**-0.5, (in_features, out_features))),
            "b": Param(np.zeros(out_features)),
        }

    def zero_grad(self):
        """Forget the gradients of earlier batches."""
        for p in self.params.values():
            p.grad[...] = 0.0

    def forward_pass(self, x):
        self.x = x
        return x @ self.params["W"].data + self.params["b"].data

    def backprop(self, delta):
        self.params["W"].grad += self.x.T @ delta
        self.params["b"].grad += delta.sum(axis=0)
        return delta @ self.params["W"].data.T
