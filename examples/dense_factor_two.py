"""A dense layer that keeps dW and db and returns dx (first network style).

Wrong on purpose: dW has the factor 2 of the squared error in it, which belongs into the upstream gradient.
"""

import numpy as np


class DenseLayer:
    """One row per sample; weights (inputs, neurons), biases (1, neurons)."""

    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases
        return self.output

    def backward(self, dvalues):
        self.dweights = 2 * np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)
        return self.dinputs
