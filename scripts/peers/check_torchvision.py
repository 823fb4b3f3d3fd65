#!/usr/bin/env python3
"""Checks that a ResNet-18 checkpoint of Convoy is torchvision's: strict load, same logits.

Run by hand, with torch, torchvision and safetensors installed:

    check_torchvision.py --convoy .build/release/convoy [--work DIR]

Draws a small set of 224 x 224 shapes, trains ResNet-18 for two steps, loads model.safetensors strictly into
torchvision.models.resnet18, and compares the logits of an image by both (largest difference at most 1e-4 of the largest
logit).
"""
import argparse, json, os, subprocess, sys, tempfile
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file

CONFIG = """
model: {name: resnet18, classes: 1000}
data: {train: shards, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
batch: {global: 8, microbatch: 4}
optimizer: {learningRate: 0.01}
train: {steps: 2}
"""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--convoy", required=True)
    p.add_argument("--work")
    a = p.parse_args()
    convoy = os.path.abspath(a.convoy)
    os.chdir(a.work or tempfile.mkdtemp())

    def run(*arguments):
        return subprocess.run([convoy, *arguments], check=True, capture_output=True, text=True).stdout

    run("data", "synth", "--count", "40", "--size", "224", "--output", "shards", "--overwrite")
    run("data", "synth", "--count", "10", "--size", "224", "--output", "tree", "--tree", "--seed", "3", "--overwrite")
    with open("resnet18.yaml", "w") as f:
        f.write(CONFIG)
    run("train", "resnet18.yaml", "--run-dir", "run", "--resume", "none")
    image = os.path.join("tree", sorted(os.listdir("tree"))[0])
    image = os.path.join(image, sorted(os.listdir(image))[0])
    rows = json.loads(run("predict", "--checkpoint", "run", image, "--top", "1000", "--json"))
    ours = torch.zeros(1000)
    for guess in rows[0]["guesses"]:
        ours[guess["classIndex"]] = guess["logit"]

    model = torchvision.models.resnet18()
    model.load_state_dict(load_file("run/checkpoints/step-000000002/model.safetensors"), strict=True)
    model.eval()
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    # An image of the input's size is taken as it is.
    x = torchvision.transforms.functional.to_tensor(Image.open(image).convert("RGB"))
    x = (x - mean[:, None, None]) / std[:, None, None]
    with torch.no_grad():
        theirs = model(x[None])[0]
    difference = float((ours - theirs).abs().max() / theirs.abs().max())
    print(f"strict load: ok; logits differ by {difference:.2e} of the largest")
    sys.exit(0 if difference <= 1e-4 else 1)


main()
