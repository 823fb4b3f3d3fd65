#!/usr/bin/env python3
"""Writes what PyTorch computes for Convoy's models: Tests/ExecutionTests/Golden/MODEL-pytorch.json.

Run by hand, with PyTorch installed: scripts/peers/make_goldens.py
Weights and images come from `number`, an integer formula that the Swift test repeats, so no weights are stored.
Everything is computed in double precision: one training pass (losses, logits, gradients), then three steps of SGD on the
same batch.
"""
import json
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

BATCH, CLASSES, STEPS, SAMPLES = 4, 10, 3, 16
SGD = dict(lr=0.002, momentum=0.9, nesterov=True, weight_decay=5e-4)


def number(count, stream):
    """`count` numbers in [-1, 1): multiples of 2^-23."""
    word = 0xFFFFFFFF
    h = (torch.arange(count, dtype=torch.int64) * 2654435761 + stream * 40503 + 12345) & word
    h = h ^ (h >> 15)
    h = (h * 73244475) & word
    h = h ^ (h >> 13)
    h = (h * 73244475) & word
    h = h ^ (h >> 16)
    return (h >> 8).double() / 2**23 - 1


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 300), nn.Linear(300, 100), nn.Linear(100, CLASSES)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class CaffeLeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5)
        self.ip1, self.ip2 = nn.Linear(800, 500), nn.Linear(500, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2, ceil_mode=True)
        x = F.max_pool2d(self.conv2(x), 2, ceil_mode=True)
        return self.ip2(F.relu(self.ip1(x.flatten(1))))


class Block(nn.Module):
    def __init__(self, source, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(source, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.stride, self.zeros = stride, (width - source) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.zeros, self.zeros)))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(Block(16, 16, 1), Block(16, 16, 1), Block(16, 16, 1))
        self.layer2 = nn.Sequential(Block(16, 32, 2), Block(32, 32, 1), Block(32, 32, 1))
        self.layer3 = nn.Sequential(Block(32, 64, 2), Block(64, 64, 1), Block(64, 64, 1))
        self.fc = nn.Linear(64, CLASSES)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


MODELS = {
    "mlp": (Perceptron, (1, 28, 28)),
    "lenet5": (LeNet5, (1, 28, 28)),
    "lenet-caffe": (CaffeLeNet, (1, 28, 28)),
    "resnet20": (ResNet20, (3, 32, 32)),
}


def set_weights(model):
    """Weights uniform in ± sqrt(6 / fan-in); scales in [0.5, 1.5); biases and shifts in ± 0.2. All rounded to float."""
    with torch.no_grad():
        for stream, (name, p) in enumerate(model.named_parameters()):
            values = number(p.numel(), stream)
            if p.dim() > 1:
                values = values * (6 / p[0].numel()) ** 0.5
            elif name.endswith("weight"):
                values = 1 + values * 0.5
            else:
                values = values * 0.2
            p.copy_(values.float().double().reshape(p.shape))


def sample(tensor):
    flat = tensor.detach().flatten()
    return [flat[i * flat.numel() // SAMPLES].item() for i in range(SAMPLES)]


def golden(build, shape):
    model = build().double()
    set_weights(model)
    model.train()
    images = number(BATCH * shape[0] * shape[1] * shape[2], 1000).reshape(BATCH, *shape)
    labels = torch.tensor([(7 * i + 3) % CLASSES for i in range(BATCH)])
    sgd = torch.optim.SGD(model.parameters(), **SGD)
    result = {"sgd": SGD, "losses": []}
    for step in range(STEPS + 1):
        logits = model(images)
        loss = F.cross_entropy(logits, labels)
        result["losses"].append(loss.item())
        sgd.zero_grad()
        loss.backward()
        if step == 0:
            result["logits"] = logits.detach().flatten().tolist()
            result["parameters"] = [
                dict(name=name, shape=list(p.shape), gradient_norm=p.grad.norm().item(), gradient=sample(p.grad))
                for name, p in model.named_parameters()
            ]
        if step < STEPS:
            sgd.step()
            if step == STEPS - 1:
                result["running"] = [
                    {"name": name, "norm": b.norm().item()} for name, b in model.named_buffers() if "running" in name
                ]
                result["weight_norms"] = [p.norm().item() for p in model.parameters()]
    return result


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return value


if __name__ == "__main__":
    folder = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "ExecutionTests" / "Golden"
    for name, (build, shape) in MODELS.items():
        text = json.dumps(rounded(golden(build, shape)), separators=(",", ":")).replace('{"name"', '\n{"name"')
        (folder / f"{name}-pytorch.json").write_text(text + "\n")
        print(name, len(text))
