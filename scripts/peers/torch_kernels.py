"""One convolution pass of PyTorch's oneDNN in all the ways in which it can be computed: the peer of `convoy bench kernels`.

Ways, by where the data lies:
- contiguous, channels_last: PyTorch's public operators on plain tensors.
- packed: channels_last activations, weights laid out for oneDNN ahead (forward only; as torch.compile does for inference).
- blocked: activations and gradients in oneDNN's own blocked layout, made ahead; forward, weights too.
"""
import sys, time

import torch


def settle():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)


class Pass:
    """A pass over one shape; `ways` are functions by name, all of which give the same numbers."""

    def __init__(self, row):
        self.kind = row["pass"]
        self.stride, self.padding = row["stride"], row["padding"]
        n, c, k = row["images"], row["channels"], row["output_channels"]
        fan_in = c * row["kernel"][0] * row["kernel"][1]
        x = torch.randn(n, c, row["height"], row["width"]).relu_()
        w = torch.randn(k, c, *row["kernel"]) * (2 / fan_in) ** 0.5
        dy = torch.randn(n, k, row["output_height"], row["output_width"])
        candidates = self.forward(x, w) if self.kind == "forward" else self.backward(x, w, dy)
        expected = None
        self.ways = {}
        for name, way in candidates.items():
            try:
                result = way()
            except RuntimeError as error:
                missing(name, self.kind, error)
                continue
            result = (result.to_dense() if result.is_mkldnn else result).contiguous()
            if expected is None:
                expected = result
            error = ((result - expected).norm() / expected.norm()).item()
            if result.shape != expected.shape or not error < 1e-4:
                raise SystemExit(f"error: {self.kind} of {row} by {name} is another result: {error}.")
            self.ways[name] = way

    def forward(self, x, w):
        last = torch.channels_last
        xl, wl = x.to(memory_format=last), w.to(memory_format=last)
        one = [1, 1]

        def plain(x, w):
            return lambda: torch.nn.functional.conv2d(x, w, None, self.stride, self.padding)

        def packed():
            weights = torch.ops.mkldnn._reorder_convolution_weight(
                w, self.padding, self.stride, one, 1, list(x.shape))
            return lambda: torch.ops.mkldnn._convolution_pointwise(
                xl, weights, None, self.padding, self.stride, one, 1, "none", [], "")

        def blocked():
            weights = torch.ops.mkldnn._reorder_convolution_weight(
                w, self.padding, self.stride, one, 1, list(x.shape))
            xb = x.to_mkldnn()
            return lambda: torch.ops.aten.mkldnn_convolution(xb, weights, None, self.padding, self.stride, one, 1)

        return {"contiguous": plain(x, w), "channels_last": plain(xl, wl), **made(packed=packed, blocked=blocked)}

    def backward(self, x, w, dy):
        last = torch.channels_last
        of_data = self.kind == "backward-data"
        mask = [of_data, not of_data, False]

        def way(x, w, dy):
            return lambda: torch.ops.aten.convolution_backward(
                dy, x, w, None, self.stride, self.padding, [1, 1], False, [0, 0], 1, mask)[0 if of_data else 1]

        def blocked():
            return way(x.to_mkldnn(), w, dy.to_mkldnn())  # Weights may not be blocked in training.

        return {"contiguous": way(x, w, dy),
                "channels_last": way(*(t.to(memory_format=last) for t in (x, w, dy))), **made(blocked=blocked)}

    def time(self, name):
        start = time.perf_counter()
        result = self.ways[name]()
        seconds = time.perf_counter() - start
        del result
        return seconds


def made(**makers):
    """The ways that can be made at all."""
    ways = {}
    for name, make in makers.items():
        try:
            ways[name] = make()
        except RuntimeError as error:
            missing(name, "making", error)
    return ways


def missing(name, what, error, told=set()):
    """Says once that this PyTorch has no such way: the peer would be weaker than it could be."""
    if (name, what) not in told:
        told.add((name, what))
        print(f"warning: the peer cannot compute {name} ({what}): {str(error).splitlines()[0][:150]}", file=sys.stderr)
