"""Which layer a target is, found by experiment: layouts, filters, stride, padding, and where its gradients are."""
