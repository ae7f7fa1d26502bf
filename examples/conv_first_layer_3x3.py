"""A first layer of 3x3 filters on one grey image (HW in, HWF out) that updates itself in backprop (blog style)."""

import numpy as np


class Conv3x3:
    """A convolution layer with 3x3 filters, no padding and no bias."""

    def __init__(self, num_filters):
        self.num_filters = num_filters
        # divided by 9 to keep the initial variance small
        self.filters = np.random.randn(num_filters, 3, 3) / 9

    def regions(self, image):
        """Every 3x3 region of a 2d image, with the position of its corner."""
        h, w = image.shape
        for i in range(h - 2):
            for j in range(w - 2):
                yield image[i : i + 3, j : j + 3], i, j

    def forward(self, image):
        """The output, of shape (h - 2, w - 2, num_filters)."""
        self.last_image = image
        h, w = image.shape
        out = np.zeros((h - 2, w - 2, self.num_filters))
        for region, i, j in self.regions(image):
            out[i, j] = np.sum(region * self.filters, axis=(1, 2))
        return out

    def backprop(self, d_out, learn_rate):
        """Update the filters; d_out is the gradient of the loss for this layer's output."""
        d_filters = np.zeros(self.filters.shape)
        for region, i, j in self.regions(self.last_image):
            for f in range(self.num_filters):
                d_filters[f] += d_out[i, j, f] * region
        self.filters -= learn_rate * d_filters
        # this is the first layer of the network, so there is nobody to hand a gradient to
        return None  # noqa: RET501
