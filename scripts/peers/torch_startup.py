#!/usr/bin/env python3
"""How long PyTorch takes from the start of its process to the end of the first optimizer step: the peer of
`seconds_to_first_step` of `convoy bench step`.

    torch_startup.py --model resnet50 --batch 16 --threads 2 --mode eager

Prints one JSON line. To be started with the environment of `records.peer_environment`; nothing is executed anew. Imports are
those of a training script that takes its network from torchvision.
"""
import time


def seconds_since_process_start():
    # Field 22 of stat, counted behind the name, in clock ticks since boot (proc(5)).
    import os
    ticks = int(open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def main():
    import argparse, json
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True)
    p.add_argument("--batch", type=int, required=True)
    p.add_argument("--threads", type=int, required=True)
    p.add_argument("--mode", required=True)
    a = p.parse_args()
    import torch_step
    torch_step.prepare(a.model, a.batch, a.mode, a.threads)()
    seconds = seconds_since_process_start()
    print(json.dumps(dict(torch_step.facts(a.model, a.batch, a.mode, a.threads), seconds_to_first_step=round(seconds, 3))))


main()
