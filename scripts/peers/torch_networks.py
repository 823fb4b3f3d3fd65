"""The networks that Convoy shares with PyTorch, each as PyTorch defines it: what parity.py and make_goldens.py compare with.

Parameter names are Convoy's. To add a network, add its line to NETWORKS: Convoy's name, a constructor that takes the number of
classes, and, where they are not 3 × 224 × 224 images of 1000 classes, what the network is published for.
"""
import pathlib
import re
from typing import Callable, NamedTuple

import torch
import torch.nn.functional as F
import torchvision.models as zoo
from torch import nn


class MultiLayerPerceptron(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 300), nn.Linear(300, 100), nn.Linear(100, classes)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class Linear(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(3 * 32 * 32, classes)

    def forward(self, x):
        return self.fc(x.flatten(1))


class LeNet5(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class TrainedPool(nn.Module):
    """The sum of 2 × 2 values times a coefficient plus a bias, of each map."""

    def __init__(self, maps):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(maps)), nn.Parameter(torch.zeros(maps))

    def forward(self, x):
        return F.avg_pool2d(x, 2) * 4 * self.weight[:, None, None] + self.bias[:, None, None]


class PartialConvolution(nn.Module):
    """A 5 × 5 convolution with weights for the connections of a table alone: connection × row × column."""

    def __init__(self, table, maps):
        super().__init__()
        self.places = [(k, c) for k, sources in enumerate(table) for c in sources]
        self.weight, self.bias = nn.Parameter(torch.zeros(len(self.places), 5, 5)), nn.Parameter(torch.zeros(len(table)))
        self.maps = maps

    def forward(self, x):
        full = self.weight.new_zeros(len(self.bias), self.maps, 5, 5)
        full = full.index_put(tuple(map(torch.tensor, zip(*self.places))), self.weight)
        return F.conv2d(x, full, self.bias)


class LeNet5Of1998(nn.Module):
    """LeCun et al. 1998, section II.B; the codes of the digits are read from Convoy's source."""

    TABLE = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5], [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5],
             [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]

    def __init__(self, classes):
        super().__init__()
        self.c1, self.s2, self.c3 = nn.Conv2d(1, 6, 5, padding=2), TrainedPool(6), PartialConvolution(self.TABLE, 6)
        self.s4, self.c5, self.f6 = TrainedPool(16), nn.Conv2d(16, 120, 5), nn.Linear(120, 84)
        source = pathlib.Path(__file__).resolve().parents[2] / "Sources/Networks/Models/DigitCodes.swift"
        ink = "".join(re.findall('"([.#]{7})"', source.read_text()))
        codes = torch.tensor([1.0 if dot == "#" else -1.0 for dot in ink]).reshape(10, 84)[:classes]
        self.register_buffer("codes", codes, persistent=False)

    def forward(self, x):
        for layer in (self.c1, self.s2, self.c3, self.s4, self.c5):
            x = 1.7159 * torch.tanh(layer(x) * 2 / 3)
        x = 1.7159 * torch.tanh(self.f6(x.flatten(1)) * 2 / 3)
        return -((x[:, None] - self.codes) ** 2).sum(2)


class CaffeLeNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5)
        self.ip1, self.ip2 = nn.Linear(800, 500), nn.Linear(500, classes)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2, ceil_mode=True)
        x = F.max_pool2d(self.conv2(x), 2, ceil_mode=True)
        return self.ip2(F.relu(self.ip1(x.flatten(1))))


class CIFARBlock(nn.Module):
    """Two 3×3 convolutions around a shortcut of option A (none in a plain network)."""

    def __init__(self, source, width, stride, residual):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(source, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.stride, self.zeros, self.residual = stride, (width - source) // 2, residual

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.residual:
            y = y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.zeros, self.zeros))
        return F.relu(y)


class CIFARResNet(nn.Module):
    """He et al. 2015, section 4.2."""

    def __init__(self, depth, classes, residual=True):
        super().__init__()
        n = (depth - 2) // 6

        def stage(source, width, stride):
            blocks = [CIFARBlock(source if i == 0 else width, width, stride if i == 0 else 1, residual) for i in range(n)]
            return nn.Sequential(*blocks)

        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = stage(16, 16, 1), stage(16, 32, 2), stage(32, 64, 2)
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


class Network(NamedTuple):
    build: Callable[[int], nn.Module]
    shape: tuple = (3, 224, 224)
    classes: int = 1000
    # One at which the loss falls gently on a batch of four images.
    rate: float = 2e-4


NETWORKS = {
    "linear": Network(Linear, (3, 32, 32), 10, 2e-3),
    "mlp": Network(MultiLayerPerceptron, (1, 28, 28), 10, 2e-3),
    "lenet5": Network(LeNet5, (1, 28, 28), 10, 2e-3),
    "lenet5-1998": Network(LeNet5Of1998, (1, 28, 28), 10, 1e-5),
    "lenet-caffe": Network(CaffeLeNet, (1, 28, 28), 10, 2e-3),
    "resnet20": Network(lambda classes: CIFARResNet(20, classes), (3, 32, 32), 10, 2e-3),
    "plain20": Network(lambda classes: CIFARResNet(20, classes, residual=False), (3, 32, 32), 10),
    "alexnet-owt": Network(lambda classes: zoo.alexnet(num_classes=classes), rate=2e-6),
    "vgg16": Network(lambda classes: zoo.vgg16(num_classes=classes, init_weights=False), rate=2e-6),
    "googlenet-bn": Network(
        lambda classes: zoo.googlenet(num_classes=classes, aux_logits=True, init_weights=False), rate=2e-5),
    "resnet18": Network(lambda classes: zoo.resnet18(num_classes=classes)),
    "resnet50": Network(lambda classes: zoo.resnet50(num_classes=classes)),
}

AUXILIARY_WEIGHT = 0.3


def heads(output):
    """The logits of every head of a network's output, in Convoy's order: the main one first."""
    return [output] if torch.is_tensor(output) else [output.logits, output.aux_logits1, output.aux_logits2]


def total_loss(losses):
    """What is minimised, from the losses of all heads."""
    return losses[0] + AUXILIARY_WEIGHT * sum(losses[1:])


def last_norm_scales(model):
    """The names of the scales of the last norm of every residual block.

    They are to be small where weights are drawn, as they are where training begins with zero (Goyal et al. 2017, section 5.1) and
    behind it: otherwise norms amplify rounding from block to block, in PyTorch as in Convoy.
    """
    lasts = {zoo.resnet.Bottleneck: "bn3", zoo.resnet.BasicBlock: "bn2", CIFARBlock: "bn2"}
    return {f"{name}.{lasts[type(m)]}.weight" for name, m in model.named_modules() if type(m) in lasts}
