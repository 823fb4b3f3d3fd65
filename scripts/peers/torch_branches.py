"""Which way rectifiers and max poolings go, so that it can be recorded from one pass and followed by another.

A network with rectifiers is a different smooth function on each side of every kink. Where a value lies within its rounding error of
a kink, two correct programs may take different branches, and their gradients then differ far more than their values do. Following
one program's branches in the other one takes that difference out, and leaves rounding alone.
"""
import contextlib

import torch.nn.functional as F


class Branches:
    """What every rectifier gave and every max pooling read, in the order of execution."""

    def __init__(self, rectified=(), pooled=()):
        self.rectified, self.pooled = list(rectified), list(pooled)
        # Values and windows that `following` has seen, and how many of them would have gone another way.
        self.choices = self.differing = 0

    @classmethod
    def of_probe(cls, results, number):
        """Those of a pass that Tests/network-probe wrote."""
        def numbered(prefix):
            count = sum(name.startswith(prefix) for name in results)
            return [results[f"{prefix}{i}"] for i in range(count)]

        return cls(numbered(f"relu.{number}."), numbered(f"pool.{number}."))

    def cut(self, passes):
        """Those of each pass of several."""
        def part(values, number):
            size = len(values) // passes
            return values[number * size : (number + 1) * size]

        return [Branches(part(self.rectified, i), part(self.pooled, i)) for i in range(passes)]


@contextlib.contextmanager
def replaced(relu, max_pool):
    """Inside, PyTorch's networks call these two functions instead of torch.nn.functional's."""
    former = F.relu, F.max_pool2d
    F.relu, F.max_pool2d = relu, max_pool
    try:
        yield
    finally:
        F.relu, F.max_pool2d = former


@contextlib.contextmanager
def recording():
    """Gives the branches that PyTorch takes inside."""
    branches, (own_relu, own_max_pool) = Branches(), (F.relu, F.max_pool2d)

    def relu(x, inplace=False):
        branches.rectified.append(own_relu(x).detach())
        return own_relu(x)

    def max_pool(x, *arguments, **options):
        branches.pooled.append(x.detach().clone())
        return own_max_pool(x, *arguments, **options)

    with replaced(relu, max_pool):
        yield branches


@contextlib.contextmanager
def following(branches):
    """Makes PyTorch take these branches inside, whatever the values are; counts where they differ from its own."""
    rectified, pooled, own_max_pool = iter(branches.rectified), iter(branches.pooled), F.max_pool2d

    def next_one(values, x):
        value = next(values, None)
        if value is None or value.numel() != x.numel():
            raise SystemExit("The two programs do not have the same rectifiers and max poolings.")
        return value.reshape(x.shape)

    def relu(x, inplace=False):
        kept = next_one(rectified, x) > 0
        branches.choices += kept.numel()
        branches.differing += int((kept != (x > 0)).sum())
        return x * kept

    def max_pool(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        read = next_one(pooled, x)
        _, winners = own_max_pool(read, kernel_size, stride, padding, dilation, ceil_mode, True)
        values = x.flatten(2).gather(2, winners.flatten(2)).view(winners.shape)
        greatest = own_max_pool(x.detach(), kernel_size, stride, padding, dilation, ceil_mode)
        branches.choices += values.numel()
        branches.differing += int((values < greatest).sum())
        return values

    with replaced(relu, max_pool):
        yield
    if next(rectified, None) is not None or next(pooled, None) is not None:
        raise SystemExit("The two programs do not have the same rectifiers and max poolings.")
