#!/usr/bin/env python3
"""Writes what PyTorch computes for Convoy's models: Tests/ExecutionTests/Golden/MODEL-pytorch.json.

Run by hand, with PyTorch and torchvision installed: scripts/peers/make_goldens.py [MODEL...]
Weights and images come from `number`, an integer formula that the Swift test repeats, so no weights are stored.
Everything is computed in double precision: one training pass (losses, logits, gradients), then three steps of SGD on the
same batch. Dropout is left out. How far PyTorch in single precision is from it stands beside, to measure tolerances by.

Gradients can be compared to many digits only where they are smooth: where a rectifier's input lies within its rounding error of
zero, or two values of a pooling window that close to each other, single precision may take the other branch. So biases of channels
whose values come too close to zero are moved by a few 1/32 (`settled`; the golden says which), and images are drawn anew until no
window has two greatest values (`images`).
"""
import json
import math
import pathlib
import sys
from typing import Callable, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from torch_branches import replaced
from torch_networks import (
    AlexNet, GoogLeNet, NETWORKS, OVERFEAT_ACCURATE, OVERFEAT_FAST, OverFeat, ZFNet, heads, last_norm_scales, total_loss)

CLASSES, STEPS, SAMPLES = 10, 3, 16
SGD = dict(momentum=0.9, nesterov=True, weight_decay=5e-4)
# How far rectifiers and poolings stay away from their kinks, relative to the root mean square of what they read: many times the
# rounding error of either kind of convolution.
RECTIFIER_DISTANCE, POOLING_DISTANCE = 1e-4, 1e-5
MOVE, MOVES = 1 / 32, 16


class Golden(NamedTuple):
    # Of both sides; None for the network's own.
    pixels: int | None
    count: int
    # One that lets the loss fall gently.
    rate: float
    # The middle of the biases and shifts. Above zero fewer rectifiers are closed, which dampens rounding where there are no
    # shortcuts.
    shift: float = 0
    # For images of this size, where the network is not the same for all.
    build: Callable = None


GOLDENS = {
    "mlp": Golden(28, 4, 2e-3),
    "lenet5": Golden(28, 4, 2e-3),
    "lenet-caffe": Golden(28, 4, 2e-3),
    "resnet20": Golden(32, 4, 2e-3),
    "alexnet-owt": Golden(64, 2, 1e-4),
    "vgg16": Golden(32, 2, 1e-4),
    "googlenet-bn": Golden(64, 4, 2e-5, shift=0.5),
    "resnet50": Golden(64, 2, 1e-4),
    "linear": Golden(32, 4, 2e-3),
    "alvinn": Golden(None, 4, 2e-3),
    "lenet5-1998": Golden(28, 4, 1e-5),
    "alexnet": Golden(95, 2, 1e-4, build=lambda: AlexNet(CLASSES, 2)),
    "zfnet": Golden(95, 2, 1e-4, build=lambda: ZFNet(CLASSES, 2)),
    "overfeat-fast": Golden(103, 2, 1e-4, build=lambda: OverFeat(OVERFEAT_FAST, 2, (3072, 4096), CLASSES)),
    "overfeat-accurate": Golden(77, 2, 1e-4, build=lambda: OverFeat(OVERFEAT_ACCURATE, 1, (4096, 4096), CLASSES)),
    "vgg11": Golden(32, 2, 2e-5),
    "vgg13": Golden(32, 2, 2e-5),
    "vgg16c": Golden(32, 2, 1e-4),
    "vgg19": Golden(32, 2, 2e-5),
    "googlenet": Golden(80, 2, 1e-5, build=lambda: GoogLeNet(CLASSES, 1)),
    "plain20": Golden(32, 4, 2e-3, shift=0.5),
    "resnet32": Golden(32, 4, 1e-3),
    "resnet44": Golden(32, 4, 1e-3),
    "resnet56": Golden(32, 4, 5e-4),
    "resnet110": Golden(32, 4, 2e-4),
    "plain32": Golden(32, 4, 2e-4, shift=0.5),
    "plain44": Golden(32, 4, 2e-4, shift=0.5),
    "plain56": Golden(32, 4, 2e-4, shift=0.5),
    "plain110": Golden(32, 4, 2e-5, shift=0.75),
    "resnet18": Golden(64, 2, 1e-4),
    "resnet18-a": Golden(64, 2, 1e-4),
    "resnet18-c": Golden(64, 2, 1e-4),
    "plain18": Golden(64, 2, 1e-4),
    "resnet34": Golden(64, 2, 1e-4),
    "resnet34-a": Golden(64, 2, 1e-4),
    "resnet34-c": Golden(64, 4, 2e-5, shift=0.5),
    "plain34": Golden(64, 4, 1e-4, shift=0.5),
    "resnet50-v1": Golden(64, 4, 1e-4),
    "resnet101": Golden(64, 4, 2e-5),
    "resnet101-v1": Golden(64, 4, 2e-5),
    "resnet152": Golden(64, 4, 5e-6),
    "resnet152-v1": Golden(64, 4, 5e-6),
}


def number(count, stream):
    """`count` numbers in [-1, 1): multiples of 2^-23."""
    word, parts = 0xFFFFFFFF, []
    for first in range(0, count, 1 << 22):
        h = torch.arange(first, min(first + (1 << 22), count), dtype=torch.int64)
        h = (h * 2654435761 + stream * 40503 + 12345) & word
        h = h ^ (h >> 15)
        h = (h * 73244475) & word
        h = h ^ (h >> 13)
        h = (h * 73244475) & word
        h = h ^ (h >> 16)
        parts.append((h >> 8).double() / 2**23 - 1)
    return torch.cat(parts)


def unfilled(name):
    own = GOLDENS[name].build
    return own() if own else NETWORKS[name].build(CLASSES)


def formulas(name):
    """(centre, spread) of the numbers of every parameter, by name: weights uniform in ± sqrt(6 / fan-in), scales in [0.5, 1.5) or a
    quarter of it, biases and shifts in ± 0.2 around their middle."""
    model = unfilled(name)
    lasts, result = last_norm_scales(model), {}
    for parameter, p in model.named_parameters():
        if p.dim() > 1:
            result[parameter] = 0, rounded((6 / p[0].numel()) ** 0.5)
        elif parameter.endswith("weight"):
            result[parameter] = (0.25, 0.125) if parameter in lasts else (1, 0.5)
        else:
            result[parameter] = GOLDENS[name].shift, 0.2
    return result


def built(name, moved={}):
    """The network with its numbers, rounded to single precision."""
    model, formula = unfilled(name).double().train(), formulas(name)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
    with torch.no_grad():
        for stream, (parameter, p) in enumerate(model.named_parameters()):
            centre, spread = formula[parameter]
            values = centre + number(p.numel(), stream) * spread
            for channel, moves in moved.get(parameter, []):
                values[channel] += moves * MOVE
            p.copy_(values.float().double().reshape(p.shape))
    return model


def size(x):
    return x.square().mean().sqrt()


def settled(model, images):
    """How often the bias of which channels must be moved, so that no rectifier reads anything close to zero: by parameter."""
    names = {id(p): name for name, p in model.named_parameters()}
    moved, nearest, own_relu, own_max_pool = {}, [], F.relu, F.max_pool2d

    def remember(module, inputs, output):
        if isinstance(getattr(module, "bias", None), torch.Tensor):
            nearest[:] = [module.bias]

    def relu(x, inplace=False):
        # Adding to the bias of the layer before adds to everything that the rectifier reads of that channel.
        bias, values = nearest[0], x.transpose(0, 1).flatten(1)
        shifts = torch.stack([(bias + k * MOVE).float().double() - bias for k in range(MOVES)])
        distances = torch.stack([(values + shift[:, None]).abs().amin(1) for shift in shifts]) / size(x)
        enough = distances > 1.2 * RECTIFIER_DISTANCE
        moves = torch.where(enough.any(0), enough.int().argmax(0), distances.argmax(0))
        shift = shifts.gather(0, moves[None])[0]
        moved[names[id(bias)]] = [[c, k] for c, k in enumerate(moves.tolist()) if k]
        return own_relu(x + shift.reshape(-1, *[1] * (x.dim() - 2)))

    for module in model.modules():
        module.register_forward_hook(remember)
    with torch.no_grad(), replaced(relu, own_max_pool):
        model(images)
    return moved


def keeps_away(model, images):
    """Whether no rectifier and no max pooling comes too close to its kink."""
    distances, own_relu, own_max_pool = [], F.relu, F.max_pool2d

    def relu(x, inplace=False):
        distances.append(float(x.abs().min() / size(x)) / RECTIFIER_DISTANCE)
        return own_relu(x)

    def max_pool(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        result, stride = own_max_pool(x, kernel_size, stride, padding, dilation, ceil_mode), stride or kernel_size
        padded = F.pad(x, [padding, padding + stride] * 2, value=-torch.inf)
        windows = padded.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride)
        windows = windows[:, :, : result.shape[2], : result.shape[3]].flatten(4)
        first, second = windows.topk(2).values.unbind(-1)
        # Equal values are zeros from rectifiers, which let no gradient through, or one value that an earlier pooling took twice.
        gaps = torch.where(first == second, torch.inf, first - second)
        distances.append(float(gaps.min() / size(x)) / POOLING_DISTANCE)
        return result

    with torch.no_grad(), replaced(relu, max_pool):
        model(images)
    return min(distances, default=1) >= 1


def images(name, stream):
    channels, *size = NETWORKS[name].shape
    if GOLDENS[name].pixels:
        size = [GOLDENS[name].pixels] * 2
    shape = GOLDENS[name].count, channels, *size
    return number(math.prod(shape), stream).reshape(shape)


def smooth_point(name):
    """The stream of images and the moved biases: the first that stay away from all kinks."""
    for stream in range(1000, 1200):
        batch = images(name, stream)
        moved = settled(built(name), batch)
        if keeps_away(built(name, moved), batch):
            print(f"{name}: images {stream}, {sum(map(len, moved.values()))} biases moved")
            return stream, moved
    sys.exit(f"{name}: no images keep away from all kinks.")


def sample(tensor):
    flat = tensor.detach().flatten()
    return [flat[i * flat.numel() // SAMPLES].item() for i in range(SAMPLES)]


def passes(model, batch, rate):
    """The main head's loss before each step and behind the last, and everything else that a golden holds."""
    batch = batch.to(next(model.parameters()).dtype)
    labels = torch.tensor([(7 * i + 3) % CLASSES for i in range(len(batch))])
    sgd = torch.optim.SGD(model.parameters(), lr=rate, foreach=False, **SGD)
    result = {"losses": []}
    for step in range(STEPS + 1):
        logits = heads(model(batch))
        losses = [F.cross_entropy(head, labels) for head in logits]
        result["losses"].append(losses[0].item())
        if step == STEPS:
            return result
        sgd.zero_grad()
        total_loss(losses).backward()
        if step == 0:
            result["logits"] = [head.detach().flatten() for head in logits]
            result["gradients"] = {n: p.grad for n, p in model.named_parameters()}
        sgd.step()
        if step == STEPS - 1:
            result["running"] = {n: b.double().norm().item() for n, b in model.named_buffers() if "running" in n}
            result["weights"] = {n: p.detach().double().norm().item() for n, p in model.named_parameters()}


def distance(a, b):
    return float((a.double() - b).norm() / b.norm())


def rounding(single, double):
    """The greatest relative errors of single precision."""
    def greatest(key):
        return max((abs(single[key][n] / norm - 1) for n, norm in double[key].items()), default=0)

    gradients = [distance(g, double["gradients"][n]) for n, g in single["gradients"].items()]
    losses = distance(torch.tensor(single["losses"]), torch.tensor(double["losses"], dtype=torch.double))
    logits = max(map(distance, single["logits"], double["logits"]))
    return dict(logits=logits, losses=losses, gradients=max(gradients), running=greatest("running"), weights=greatest("weights"))


def golden(name):
    stream, moved = smooth_point(name)
    batch, rate = images(name, stream), GOLDENS[name].rate
    result = passes(built(name, moved), batch, rate)
    error = rounding(passes(built(name, moved).float(), batch, rate), result)
    print(" losses", *(f"{loss:.4g}" for loss in result["losses"]), " single precision", {k: f"{e:.1e}" for k, e in error.items()})

    def parameter(name, gradient, formula):
        row = dict(
            name=name, shape=list(gradient.shape), centre=formula[0], spread=formula[1], gradient_norm=gradient.norm().item(),
            gradient=sample(gradient), weight_norm=result["weights"][name])
        return row | ({"moved": moved[name]} if moved.get(name) else {})

    return dict(
        images=dict(shape=list(batch.shape), stream=stream), sgd=dict(SGD, lr=rate), rounding=error, losses=result["losses"],
        logits=[head.tolist() for head in result["logits"]],
        parameters=[parameter(n, result["gradients"][n], formula) for n, formula in formulas(name).items()],
        running=[dict(name=n, norm=norm) for n, norm in result["running"].items()])


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return value


if __name__ == "__main__":
    folder = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "ExecutionTests" / "Golden"
    for name in sys.argv[1:] or GOLDENS:
        text = json.dumps(rounded(golden(name)), separators=(",", ":")).replace('{"name"', '\n{"name"')
        (folder / f"{name}-pytorch.json").write_text(text + "\n")
        print(name, len(text), "bytes")
