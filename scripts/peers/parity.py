#!/usr/bin/env python3
"""Checks that Convoy's networks compute what PyTorch's compute, and records by how much they differ in benchmarks/parity.md.

Run by hand, with torch, torchvision and safetensors installed:

    swift build -c release --product network-probe
    scripts/peers/parity.py [--networks vgg16,resnet50] [--work DIR]

Both get the same weights, images and dropout masks. The measure is PyTorch in double precision; PyTorch's own single precision is
measured beside Convoy. Ends with 1 if a bound is exceeded (see BOUNDS). Rows of networks that are not named are kept. Networks stand
in torch_networks.py: a new one is one line there.
"""
import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

from torch_branches import Branches, following, recording
from torch_networks import NETWORKS, heads, last_norm_scales, total_loss

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "benchmarks/parity.md"
BATCH, STEPS, MEASURED, SEED = 4, 10, 3, 1
ALGORITHMS = ["direct", "auto", "winograd"]
SGD = dict(momentum=0.9, nesterov=True, weight_decay=5e-4)
# Greatest allowed relative errors. `branched` is the gradient's on the same branches; `gradient`, on the reference's own, counts only
# where all branches are the same.
BOUNDS = {"logits": 1e-4, "loss": 1e-4, "branched": 1e-4, "gradient": 1e-4, "statistics": 1e-4, "steps": 1e-3}
PYTORCH = f"PyTorch {torch.__version__.split('+')[0]}, single"


class FixedDropout(nn.Module):
    """Dropout by a mask that is set from outside; none leaves everything as it is."""

    def __init__(self, rate):
        super().__init__()
        self.rate, self.mask = rate, None

    def forward(self, x):
        return x if self.mask is None or not self.training else x * self.mask.reshape(x.shape).to(x.dtype)


def pictures(generator, shape):
    """Images with about as much contrast in every octave of sizes, as photographs have; mean 0, deviation 1."""
    images, size = torch.zeros(BATCH, *shape), 2
    while size <= shape[1]:
        octave = torch.randn(BATCH, shape[0], size, size, generator=generator)
        images += F.interpolate(octave, shape[1:], mode="bilinear", align_corners=False)
        size *= 2
    return (images - images.mean()) / images.std()


def tensors_of(model):
    """Weights and running statistics in single precision."""
    return {k: v.detach().float().contiguous() for k, v in model.state_dict().items() if "num_batches" not in k}


def drawn_tensors(network, generator):
    """He et al. 2015 for weights in front of rectifiers, deviation 1/√fan-in for those of logits, scales of norms in [0.5, 1.5) or a
    quarter of it, biases and shifts in ±0.1 around the network's middle; running statistics as they begin."""
    model = network.build(network.classes)
    lasts = last_norm_scales(model)
    logits = {f"{n}.weight" for n, m in model.named_modules() if isinstance(m, nn.Linear) and m.out_features == network.classes}
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() > 1:
                p.copy_(torch.randn(p.shape, generator=generator) * ((1 if name in logits else 2) / p[0].numel()) ** 0.5)
            elif name.endswith("weight"):
                p.copy_((torch.rand(p.shape, generator=generator) + 0.5) * (0.25 if name in lasts else 1))
            else:
                p.copy_((torch.rand(p.shape, generator=generator) - 0.5) * 0.2 + network.shift)
    return tensors_of(model)


class Peer:
    """PyTorch's network in one precision. Every method begins with the tensors that were given."""

    def __init__(self, network, tensors, precision):
        self.model = network.build(network.classes).to(precision)
        self.tensors, self.precision, self.rate = tensors, precision, network.rate
        self.dropouts = []
        for name, module in list(self.model.named_modules()):
            if isinstance(module, nn.Dropout):
                self.dropouts.append(FixedDropout(module.p))
                self.model.set_submodule(name, self.dropouts[-1])

    def begin(self, training):
        self.model.load_state_dict(self.tensors, strict=False)
        self.model.train(training).zero_grad(set_to_none=True)

    def losses(self, images, labels, masks):
        """Logits and losses of all heads."""
        for layer, mask in zip(self.dropouts, masks, strict=True):
            layer.mask = mask
        logits = heads(self.model(images.to(self.precision)))
        return logits, [F.cross_entropy(head, labels) for head in logits]

    def train(self, images, labels, masks, passes=STEPS + 1, branches=None):
        """Logits and losses of all heads and all gradients of the first pass, the main head's loss of every pass, and the running
        statistics behind pass MEASURED; between passes a step of SGD. `branches` are to be taken, pass by pass."""
        self.begin(training=True)
        sgd = torch.optim.SGD(self.model.parameters(), lr=self.rate, foreach=False, **SGD)
        measured = {"steps": [], "statistics": {}}
        for number in range(passes):
            sgd.zero_grad(set_to_none=True)
            with following(branches[number]) if branches else contextlib.nullcontext():
                logits, losses = self.losses(images, labels, masks[number])
            measured["steps"].append(losses[0].item())
            if number == MEASURED - 1:
                measured["statistics"] = {n: b.clone() for n, b in self.model.named_buffers() if "running" in n}
            if number > 0 and number == passes - 1:
                break
            total_loss(losses).backward()
            if number == 0:
                measured["logits"] = [head.detach() for head in logits]
                measured["losses"] = [loss.item() for loss in losses]
                measured["gradients"] = {name: p.grad for name, p in self.model.named_parameters()}
            if number < passes - 1:
                sgd.step()
        self.model.zero_grad(set_to_none=True)
        return measured

    def evaluate(self, images, labels):
        self.begin(training=False)
        with torch.no_grad():
            logits, losses = self.losses(images, labels, [None] * len(self.dropouts))
        return dict(logits=logits, losses=[loss.item() for loss in losses])

    def measured_statistics(self, images):
        """The tensors with the running statistics of this batch."""
        self.begin(training=True)
        for module in self.model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 1
        with torch.no_grad():
            self.model(images.to(self.precision))
        return tensors_of(self.model)


class Probe:
    """Convoy's network: Tests/network-probe."""

    def __init__(self, program, name, network, folder):
        self.program, self.name, self.network, self.folder = program, name, network, pathlib.Path(folder)

    def run(self, tensors, images, labels, *options):
        given, written = self.folder / "given.safetensors", self.folder / "written.safetensors"
        written.unlink(missing_ok=True)
        save_file(dict(tensors, images=images, labels=labels.int()), given)
        command = [self.program, self.name, given, written, "--classes", self.network.classes, *options]
        subprocess.run([str(word) for word in command], check=True)
        results = load_file(written)
        given.unlink()
        written.unlink()
        results["logits"] = [results[f"logits.{i}"] for i in range(3) if f"logits.{i}" in results]
        results["losses"] = [results[f"losses.{i}"].double().mean().item() for i in range(len(results["logits"]))]
        return results

    def train(self, tensors, images, labels, algorithm):
        options = ["--convolution", algorithm, "--steps", STEPS, "--seed", SEED, "--branches", MEASURED, "--learning-rate", self.network.rate]
        options += ["--momentum", SGD["momentum"], "--weight-decay", SGD["weight_decay"], "--nesterov"]
        results = self.run(tensors, images, labels, *options)

        def part(prefix):
            return {k.removeprefix(prefix): v for k, v in results.items() if k.startswith(prefix)}

        results["gradients"], results["statistics"] = part("gradient:"), part(f"statistics.{MEASURED - 1}:")
        results["steps"] = [results[f"loss.{step}"].item() for step in range(STEPS + 1)]
        return results

    def evaluate(self, tensors, images, labels, algorithm):
        return self.run(tensors, images, labels, "--convolution", algorithm, "--evaluation")


def masks_of(results, dropouts):
    """By what Convoy's dropout multiplied in every step; checked to be masks."""
    masks = [[results[f"dropout.{step}.{i}"] for i in range(len(dropouts))] for step in range(STEPS + 1)]
    for i, layer in enumerate(dropouts):
        values = torch.cat([row[i].flatten() for row in masks])
        share = (values > 0).double().mean()
        deviation = (layer.rate * (1 - layer.rate) / values.numel()) ** 0.5
        if not torch.allclose(values[values != 0], torch.tensor(1 / (1 - layer.rate))) or abs(share + layer.rate - 1) > 5 * deviation:
            raise SystemExit(f"Dropout layer {i} does not keep a share of {1 - layer.rate}, or scales it otherwise.")
    return masks


def distance(a, b, least=0.0):
    """‖a − b‖ / ‖b‖."""
    b = b.double()
    return float((a.double() - b).norm() / max(b.norm(), least))


def worst(gradients, reference):
    """The greatest distance of a gradient, and whose it is. One that is zero but for rounding is measured by all of them."""
    if gradients.keys() != reference.keys():
        raise SystemExit(f"Only one of the programs has {sorted(set(gradients) ^ set(reference))}.")
    least = 1e-6 * sum(float(g.norm()) ** 2 for g in reference.values()) ** 0.5
    return max((distance(g, reference[name], least), name) for name, g in gradients.items())


class Comparison:
    """One network in both programs on one batch."""

    def __init__(self, name, program, folder):
        self.name, network = name, NETWORKS[name]
        generator = torch.Generator().manual_seed(SEED)
        self.tensors = drawn_tensors(network, generator)
        self.images, self.others = pictures(generator, network.shape), pictures(generator, network.shape)
        self.labels = torch.randint(network.classes, (BATCH,), generator=generator)
        self.probe = Probe(program, name, network, folder)
        self.double, self.single = (Peer(network, self.tensors, p) for p in (torch.double, torch.float))

    def rows(self):
        return self.training() + self.evaluation()

    def training(self):
        rows, reference = [], None
        for algorithm in ALGORITHMS:
            results = self.probe.train(self.tensors, self.images, self.labels, algorithm)
            if reference is None:
                batch = self.images, self.labels, masks_of(results, self.double.dropouts)
                reference = self.double.train(*batch)
                print(self.name, "losses:", *(f"{loss:.4g}" for loss in reference["steps"]), flush=True)
            branches = [Branches.of_probe(results, number) for number in range(MEASURED)]
            rows.append(self.training_row(f"Convoy, {algorithm}", results, reference, branches, batch))
        with recording() as branches:
            results = self.single.train(*batch, passes=MEASURED)
        branches = branches.cut(MEASURED)
        results |= {"steps": self.single.train(*batch)["steps"]}
        return rows + [self.training_row(PYTORCH, results, reference, branches, batch)]

    def training_row(self, by, results, reference, branches, batch):
        row = self.row("training", by, results, reference)
        row["gradient"], row["parameter"] = worst(results["gradients"], reference["gradients"])
        # Only running statistics need more than the first pass.
        branched = self.double.train(*batch, passes=MEASURED if reference["statistics"] else 1, branches=branches)
        row["branched"], row["branched_parameter"] = worst(results["gradients"], branched["gradients"])
        row["differing"], row["choices"] = branches[0].differing, branches[0].choices
        if results["statistics"].keys() != reference["statistics"].keys():
            raise SystemExit(f"{self.name}: the programs do not have the same running statistics.")
        distances = [distance(results["statistics"][name], s) for name, s in branched["statistics"].items()]
        row["statistics"] = max(distances, default=None)
        row["steps"] = max(abs(a / b - 1) for a, b in zip(results["steps"], reference["steps"], strict=True))
        return row

    def evaluation(self):
        """On other images than those that gave the running statistics."""
        tensors = self.double.measured_statistics(self.images)
        self.double.tensors = self.single.tensors = tensors
        reference = self.double.evaluate(self.others, self.labels)
        rows = [
            self.row("evaluation", f"Convoy, {a}", self.probe.evaluate(tensors, self.others, self.labels, a), reference)
            for a in ALGORITHMS
        ]
        return rows + [self.row("evaluation", PYTORCH, self.single.evaluate(self.others, self.labels), reference)]

    def row(self, mode, by, results, reference):
        if len(results["logits"]) != len(reference["logits"]):
            raise SystemExit(f"{self.name}: the programs do not have the same heads.")
        logits = max(distance(a, b) for a, b in zip(results["logits"], reference["logits"]))
        loss = max(abs(a / b - 1) for a, b in zip(results["losses"], reference["losses"]))
        return dict(network=self.name, mode=mode, by=by, logits=logits, loss=loss)


def complaints(rows):
    """What exceeds its bound, as sentences."""
    for row in rows:
        for key, bound in BOUNDS.items():
            if row["by"] == PYTORCH or row.get(key) is None or key == "gradient" and row["differing"]:
                continue
            if not row[key] <= bound:
                yield f"{row['network']}, {row['mode']}, {row['by']}: {key} is off by {row[key]:.1e}; {bound:.1e} are allowed."


def cells(row):
    def number(key):
        return "" if row.get(key) is None else "0" if row[key] == 0 else f"{row[key]:.1e}"

    def gradient(key, parameter):
        return f"{number(key)} `{row[parameter]}`" if key in row else ""

    branches = f"{row['differing']:,} of {row['choices']:,}" if "choices" in row else ""
    return [
        row["network"], row["mode"], row["by"], number("logits"), number("loss"), gradient("branched", "branched_parameter"),
        gradient("gradient", "parameter"), branches, number("statistics"), number("steps"),
    ]


COLUMNS = [
    "network", "mode", "computed by", "logits", "loss", "worst gradient, same branches", "worst gradient", "other branches",
    "running statistics", "losses of ten steps",
]


def write_page(rows):
    """Replaces the networks' rows in the page's table and keeps the others."""
    lines = {}
    text = PAGE.read_text()
    begin, end = "<!-- table of scripts/peers/parity.py -->\n", "<!-- end of table -->"
    front, rest = text.split(begin)
    table, back = rest.split(end)
    for line in table.splitlines()[2:]:
        lines.setdefault(line.split("|")[1].strip(), []).append(line)
    for name in {row["network"] for row in rows}:
        lines[name] = ["| " + " | ".join(cells(row)) + " |" for row in rows if row["network"] == name]
    shown = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    shown += [line for name in NETWORKS for line in lines.get(name, [])]
    PAGE.write_text(front + begin + "\n".join(shown) + "\n" + end + back)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--networks", default=",".join(NETWORKS))
    p.add_argument("--probe", default=ROOT / ".build/release/network-probe")
    p.add_argument("--work", help="a folder for files of up to 2 GB")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    found = []
    with tempfile.TemporaryDirectory(dir=a.work) as folder:
        for name in a.networks.split(","):
            rows = Comparison(name, a.probe, folder).rows()
            for row in rows:
                print(" | ".join(cells(row)), flush=True)
            write_page(rows)
            found += complaints(rows)
    print(*found, sep="\n")
    sys.exit(1 if found else 0)


main()
