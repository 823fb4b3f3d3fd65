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


class LinearImageNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(3 * 224 * 224, classes)

    def forward(self, x):
        return self.fc(x.flatten(1))


class ALVINN(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(960, 5), nn.Linear(5, classes)

    def forward(self, x):
        return torch.sigmoid(self.fc2(torch.sigmoid(self.fc1(x.flatten(1)))))


def lrn(x, k=2.0, alpha=5e-4):
    """α multiplies the mean of the squares: Krizhevsky's 1e-4, of the sum, is 5e-4 here."""
    return F.local_response_norm(x, 5, alpha=alpha, beta=0.75, k=k)


class AlexNet(nn.Module):
    """Krizhevsky et al. 2012."""

    def __init__(self, classes, side=6):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 96, 11, 4, 2), nn.Conv2d(96, 256, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=2)
        self.fc6, self.fc7, self.fc8 = nn.Linear(256 * side * side, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes)
        self.drop6, self.drop7 = nn.Dropout(), nn.Dropout()

    def forward(self, x):
        x = F.max_pool2d(lrn(F.relu(self.conv1(x))), 3, 2)
        x = F.max_pool2d(lrn(F.relu(self.conv2(x))), 3, 2)
        x = F.relu(self.conv4(F.relu(self.conv3(x))))
        x = F.max_pool2d(F.relu(self.conv5(x)), 3, 2)
        x = self.drop6(F.relu(self.fc6(x.flatten(1))))
        return self.fc8(self.drop7(F.relu(self.fc7(x))))


def contrast_norm(x, n=5, k=2.0, alpha=5e-4, beta=0.75):
    """cuda-convnet's local contrast normalization, across the maps that there are."""
    maps = torch.arange(x.shape[1])
    near = ((maps[:, None] - maps).abs() <= n // 2).to(x)
    mean = torch.einsum("cd,bdhw->bchw", near / near.sum(1, keepdim=True), x)
    # Σ (a − m)² over the neighbours: what is subtracted depends on the centre.
    squares = sum(
        F.pad(
            (x[:, max(d, 0) : x.shape[1] + min(d, 0)] - mean[:, max(-d, 0) : x.shape[1] - max(d, 0)]).square(),
            (0, 0, 0, 0, max(-d, 0), max(d, 0)))
        for d in range(-(n // 2), n // 2 + 1))
    return x / (k + alpha / n * squares) ** beta


class ZFNet(nn.Module):
    """Zeiler and Fergus 2013, figure 3."""

    def __init__(self, classes, side=6):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 96, 7, 2, 1), nn.Conv2d(96, 256, 5, 2)
        self.conv3, self.conv4 = nn.Conv2d(256, 384, 3, padding=1), nn.Conv2d(384, 384, 3, padding=1)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1)
        self.fc6, self.fc7, self.fc8 = nn.Linear(256 * side * side, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes)
        self.drop6, self.drop7 = nn.Dropout(), nn.Dropout()

    def forward(self, x):
        x = contrast_norm(F.max_pool2d(F.relu(self.conv1(x)), 3, 2, ceil_mode=True))
        x = contrast_norm(F.max_pool2d(F.relu(self.conv2(x)), 3, 2, ceil_mode=True))
        x = F.relu(self.conv4(F.relu(self.conv3(x))))
        x = F.max_pool2d(F.relu(self.conv5(x)), 3, 2)
        x = self.drop6(F.relu(self.fc6(x.flatten(1))))
        return self.fc8(self.drop7(F.relu(self.fc7(x))))


class OverFeat(nn.Module):
    """Sermanet et al. 2013; `convolutions`: channels, kernel, stride, padding, kernel of the pooling behind (0: none)."""

    def __init__(self, convolutions, side, hidden, classes):
        super().__init__()
        self.convs, self.pools, source = [], [], 3
        for number, (channels, kernel, stride, padding, pool) in enumerate(convolutions, 1):
            setattr(self, f"conv{number}", nn.Conv2d(source, channels, kernel, stride, padding))
            self.convs.append(f"conv{number}")
            self.pools.append(pool)
            source = channels
        first, widths = len(convolutions) + 1, [source * side * side, *hidden, classes]
        self.dense = []
        for number, (inputs, outputs) in enumerate(zip(widths, widths[1:]), first):
            setattr(self, f"fc{number}", nn.Linear(inputs, outputs))
            self.dense.append(f"fc{number}")
            if outputs != widths[-1]:
                setattr(self, f"drop{number}", nn.Dropout())

    def forward(self, x):
        for name, pool in zip(self.convs, self.pools):
            x = F.relu(getattr(self, name)(x))
            if pool:
                x = F.max_pool2d(x, pool)
        x = x.flatten(1)
        for name in self.dense[:-1]:
            x = getattr(self, name.replace("fc", "drop"))(F.relu(getattr(self, name)(x)))
        return getattr(self, self.dense[-1])(x)


OVERFEAT_FAST = [(96, 11, 4, 0, 2), (256, 5, 1, 0, 2), (512, 3, 1, 1, 0), (1024, 3, 1, 1, 0), (1024, 3, 1, 1, 2)]
OVERFEAT_ACCURATE = [(96, 7, 2, 0, 3), (256, 7, 1, 0, 2), (512, 3, 1, 1, 0), (512, 3, 1, 1, 0), (1024, 3, 1, 1, 0),
                     (1024, 3, 1, 1, 3)]


class VGG16C(nn.Module):
    """Configuration C: the third convolution of a stage is 1×1."""

    def __init__(self, classes):
        super().__init__()
        layers, source = [], 3
        for width, kernels in ((64, (3, 3)), (128, (3, 3)), (256, (3, 3, 1)), (512, (3, 3, 1)), (512, (3, 3, 1))):
            for kernel in kernels:
                layers += [nn.Conv2d(source, width, kernel, padding=kernel // 2), nn.ReLU()]
                source = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
            nn.Linear(4096, classes))

    def forward(self, x):
        return self.classifier(F.adaptive_avg_pool2d(self.features(x), 7).flatten(1))


class PlainConvolution(nn.Module):
    """GoogLeNet's unit before batch norm."""

    def __init__(self, source, channels, **options):
        super().__init__()
        self.conv = nn.Conv2d(source, channels, **options)

    def forward(self, x):
        return F.relu(self.conv(x))


class Inception(nn.Module):
    def __init__(self, source, widths):
        super().__init__()
        a, b1, b, c1, c, d = widths
        self.branch1 = PlainConvolution(source, a, kernel_size=1)
        self.branch2 = nn.Sequential(PlainConvolution(source, b1, kernel_size=1), PlainConvolution(b1, b, kernel_size=3, padding=1))
        self.branch3 = nn.Sequential(PlainConvolution(source, c1, kernel_size=1), PlainConvolution(c1, c, kernel_size=5, padding=2))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), PlainConvolution(source, d, kernel_size=1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class AuxiliaryHead(nn.Module):
    def __init__(self, source, side, classes):
        super().__init__()
        self.conv = PlainConvolution(source, 128, kernel_size=1)
        self.fc1, self.fc2, self.drop = nn.Linear(128 * side * side, 1024), nn.Linear(1024, classes), nn.Dropout(0.7)

    def forward(self, x):
        x = self.conv(F.avg_pool2d(x, 5, 3)).flatten(1)
        return self.fc2(self.drop(F.relu(self.fc1(x))))


class GoogLeNet(nn.Module):
    """Szegedy et al. 2014, table 1; `side` is that of what an auxiliary head pools."""

    def __init__(self, classes, side=4):
        super().__init__()
        self.conv1 = PlainConvolution(3, 64, kernel_size=7, stride=2, padding=3)
        self.conv2, self.conv3 = PlainConvolution(64, 64, kernel_size=1), PlainConvolution(64, 192, kernel_size=3, padding=1)
        self.inception3a, self.inception3b = Inception(192, (64, 96, 128, 16, 32, 32)), Inception(256, (128, 128, 192, 32, 96, 64))
        self.inception4a, self.inception4b = Inception(480, (192, 96, 208, 16, 48, 64)), Inception(512, (160, 112, 224, 24, 64, 64))
        self.inception4c, self.inception4d = Inception(512, (128, 128, 256, 24, 64, 64)), Inception(512, (112, 144, 288, 32, 64, 64))
        self.inception4e = Inception(528, (256, 160, 320, 32, 128, 128))
        self.inception5a, self.inception5b = Inception(832, (256, 160, 320, 32, 128, 128)), Inception(832, (384, 192, 384, 48, 128, 128))
        self.aux1, self.aux2 = AuxiliaryHead(512, side, classes), AuxiliaryHead(528, side, classes)
        self.drop, self.fc = nn.Dropout(0.4), nn.Linear(1024, classes)

    def forward(self, x):
        pool = lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True)
        x = lrn(pool(self.conv1(x)), 1.0, 1e-4)
        x = pool(lrn(self.conv3(self.conv2(x)), 1.0, 1e-4))
        x = self.inception4a(pool(self.inception3b(self.inception3a(x))))
        first = self.aux1(x) if self.training else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        second = self.aux2(x) if self.training else None
        x = self.inception5b(self.inception5a(pool(self.inception4e(x))))
        logits = self.fc(self.drop(x.mean((2, 3))))
        return zoo.GoogLeNetOutputs(logits, second, first) if self.training else logits


class ImageNetBlock(nn.Module):
    """A basic block with a shortcut of option A, C or none (He et al. 2015, section 3.3)."""

    def __init__(self, source, width, stride, option):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(source, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.stride, self.zeros, self.option = stride, (width - source) // 2, option
        if option == "C":
            self.downsample = nn.Sequential(nn.Conv2d(source, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.option == "A":
            y = y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.zeros, self.zeros))
        elif self.option == "C":
            y = y + self.downsample(x)
        return F.relu(y)


class ImageNetResNet(nn.Module):
    def __init__(self, blocks, option, classes):
        super().__init__()
        self.conv1, self.bn1, source = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), 64
        for number, count in enumerate(blocks):
            width, stage = 64 << number, []
            for i in range(count):
                stage.append(ImageNetBlock(source, width, 2 if number and i == 0 else 1, option))
                source = width
            setattr(self, f"layer{number + 1}", nn.Sequential(*stage))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))


def strides_first(model):
    """A bottleneck network as published: the stride on the first 1×1 ("v1")."""
    for block in model.modules():
        if isinstance(block, zoo.resnet.Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, (1, 1)
    return model


class Network(NamedTuple):
    build: Callable[[int], nn.Module]
    shape: tuple = (3, 224, 224)
    classes: int = 1000
    # One at which the loss falls gently on a batch of four images.
    rate: float = 2e-4
    # The middle of drawn biases and shifts. Above zero fewer rectifiers are closed, which dampens rounding where many norms follow
    # each other without shortcuts.
    shift: float = 0


NETWORKS = {
    "linear": Network(Linear, (3, 32, 32), 10, 2e-3),
    "linear-imagenet": Network(LinearImageNet, rate=2e-6),
    "alvinn": Network(ALVINN, (1, 30, 32), 30, 2e-3),
    "mlp": Network(MultiLayerPerceptron, (1, 28, 28), 10, 2e-3),
    "lenet5": Network(LeNet5, (1, 28, 28), 10, 2e-3),
    "lenet5-1998": Network(LeNet5Of1998, (1, 28, 28), 10, 1e-5),
    "lenet-caffe": Network(CaffeLeNet, (1, 28, 28), 10, 2e-3),
    "resnet20": Network(lambda classes: CIFARResNet(20, classes), (3, 32, 32), 10, 2e-3),
    "plain20": Network(lambda classes: CIFARResNet(20, classes, residual=False), (3, 32, 32), 10),
    "resnet32": Network(lambda classes: CIFARResNet(32, classes), (3, 32, 32), 10, 1e-3),
    "resnet44": Network(lambda classes: CIFARResNet(44, classes), (3, 32, 32), 10, 1e-3),
    "resnet56": Network(lambda classes: CIFARResNet(56, classes), (3, 32, 32), 10, 5e-4),
    "resnet110": Network(lambda classes: CIFARResNet(110, classes), (3, 32, 32), 10, 2e-4),
    "plain32": Network(lambda classes: CIFARResNet(32, classes, residual=False), (3, 32, 32), 10, shift=0.5),
    "plain44": Network(lambda classes: CIFARResNet(44, classes, residual=False), (3, 32, 32), 10, shift=0.5),
    "plain56": Network(lambda classes: CIFARResNet(56, classes, residual=False), (3, 32, 32), 10, shift=0.5),
    "plain110": Network(lambda classes: CIFARResNet(110, classes, residual=False), (3, 32, 32), 10, 2e-5, shift=0.75),
    "alexnet-owt": Network(lambda classes: zoo.alexnet(num_classes=classes), rate=2e-6),
    "alexnet": Network(AlexNet, rate=2e-6),
    "zfnet": Network(ZFNet, rate=2e-6),
    "overfeat-fast": Network(lambda classes: OverFeat(OVERFEAT_FAST, 6, (3072, 4096), classes), (3, 231, 231), rate=2e-6),
    "overfeat-accurate": Network(
        lambda classes: OverFeat(OVERFEAT_ACCURATE, 5, (4096, 4096), classes), (3, 221, 221), rate=2e-6),
    "vgg11": Network(lambda classes: zoo.vgg11(num_classes=classes, init_weights=False), rate=2e-6),
    "vgg13": Network(lambda classes: zoo.vgg13(num_classes=classes, init_weights=False), rate=2e-6),
    "vgg16c": Network(VGG16C, rate=2e-6),
    "vgg16": Network(lambda classes: zoo.vgg16(num_classes=classes, init_weights=False), rate=2e-6),
    "vgg19": Network(lambda classes: zoo.vgg19(num_classes=classes, init_weights=False), rate=2e-6),
    "googlenet": Network(GoogLeNet, rate=2e-5),
    "googlenet-bn": Network(
        lambda classes: zoo.googlenet(num_classes=classes, aux_logits=True, init_weights=False), rate=2e-5),
    "resnet18": Network(lambda classes: zoo.resnet18(num_classes=classes)),
    "resnet18-a": Network(lambda classes: ImageNetResNet([2, 2, 2, 2], "A", classes)),
    "resnet18-c": Network(lambda classes: ImageNetResNet([2, 2, 2, 2], "C", classes)),
    "plain18": Network(lambda classes: ImageNetResNet([2, 2, 2, 2], None, classes)),
    "resnet34": Network(lambda classes: zoo.resnet34(num_classes=classes)),
    "resnet34-a": Network(lambda classes: ImageNetResNet([3, 4, 6, 3], "A", classes)),
    "resnet34-c": Network(lambda classes: ImageNetResNet([3, 4, 6, 3], "C", classes), rate=5e-5),
    "plain34": Network(lambda classes: ImageNetResNet([3, 4, 6, 3], None, classes), shift=0.5),
    "resnet50": Network(lambda classes: zoo.resnet50(num_classes=classes)),
    "resnet50-v1": Network(lambda classes: strides_first(zoo.resnet50(num_classes=classes))),
    "resnet101": Network(lambda classes: zoo.resnet101(num_classes=classes), rate=5e-5),
    "resnet101-v1": Network(lambda classes: strides_first(zoo.resnet101(num_classes=classes)), rate=5e-5),
    "resnet152": Network(lambda classes: zoo.resnet152(num_classes=classes), rate=5e-6),
    "resnet152-v1": Network(lambda classes: strides_first(zoo.resnet152(num_classes=classes)), rate=5e-6),
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
    lasts = {zoo.resnet.Bottleneck: "bn3", zoo.resnet.BasicBlock: "bn2", CIFARBlock: "bn2",
             ImageNetBlock: "bn2"}
    return {f"{name}.{lasts[type(m)]}.weight" for name, m in model.named_modules() if type(m) in lasts}
