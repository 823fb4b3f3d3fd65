#!/usr/bin/env python3
"""Opens a checkpoint of convoy with PyTorch and checks that it is what it says.

Usage: check_checkpoint.py CHECKPOINT [--model NAME]

Checks that safetensors.torch loads both tensor files, that names and shapes agree with the header, that the weights
hash in state.json is XXH3-128 of the data section, that the manifest's sizes and CRC-32C sums hold, and, with
--model, that torchvision's network of that name takes the weights strictly.

Needs: torch, safetensors; xxhash or libxxhash; torchvision for --model.
"""
import argparse
import ctypes
import ctypes.util
import json
import pathlib
import struct
import sys

CHUNK = 4 << 20


def xxh3_128(data: bytes) -> str:
    try:
        import xxhash

        return xxhash.xxh3_128_hexdigest(data)
    except ImportError:
        pass

    class Hash(ctypes.Structure):
        _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]

    library = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    library.XXH3_128bits.restype = Hash
    library.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    value = library.XXH3_128bits(data, len(data))
    return f"{value.high:016x}{value.low:016x}"


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


def crc32c(data: bytes, table=crc32c_table()) -> str:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 255]
    return f"{crc ^ 0xFFFFFFFF:08x}"


def expect(condition: bool, sentence: str):
    if not condition:
        sys.exit(f"check_checkpoint: {sentence}")


def check_tensors(path: pathlib.Path) -> dict:
    """Loads a file with PyTorch and compares it with its header; returns the tensors."""
    import torch
    from safetensors.torch import load_file

    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    expect(length % 8 == 0, f"{path.name}: the data section is not aligned")
    expect(header.pop("__metadata__", None) == {"format": "pt"}, f"{path.name}: the metadata is not PyTorch's")
    tensors = load_file(path)
    expect(set(tensors) == set(header), f"{path.name}: PyTorch sees other names")
    for name, tensor in tensors.items():
        begin, end = header[name]["data_offsets"]
        expect(list(tensor.shape) == header[name]["shape"], f"{path.name}: {name} has shape {list(tensor.shape)}")
        expect(tensor.numel() * tensor.element_size() == end - begin, f"{path.name}: {name} has another size")
        data = raw[8 + length + begin : 8 + length + end]
        stored = tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
        expect(stored == data, f"{path.name}: {name} holds other elements")
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--model", help="a network of torchvision.models")
    arguments = parser.parse_args()
    folder = arguments.checkpoint

    weights = check_tensors(folder / "model.safetensors")
    optimizer = check_tensors(folder / "optimizer.safetensors")
    state = json.loads((folder / "state.json").read_text())
    raw = (folder / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    found = xxh3_128(raw[8 + length :])
    expect(found == state["weightsHash"], f"the weights hash is {found}, state.json says {state['weightsHash']}")

    text = (folder / "MANIFEST.json").read_bytes()
    manifest = json.loads(text)
    body = text[: text.rindex(b',\n  "manifestCRC32C"')]
    expect(crc32c(body) == manifest["manifestCRC32C"], "the manifest's own checksum is wrong")
    expect(manifest["step"] == state["step"], "manifest and state are of different steps")
    for name, file in manifest["files"].items():
        data = (folder / name).read_bytes()
        expect(len(data) == file["bytes"], f"{name} has {len(data)} bytes, the manifest says {file['bytes']}")
        sums = [crc32c(data[start : start + CHUNK]) for start in range(0, len(data), CHUNK)]
        expect(sums == file["crc32c"], f"{name} has other checksums than the manifest")

    if arguments.model:
        import torchvision

        classes = weights["fc.weight"].shape[0] if "fc.weight" in weights else 1000
        torchvision.models.get_model(arguments.model, num_classes=classes).load_state_dict(weights, strict=True)
    print(f"{folder.name}: {len(weights)} weights, {len(optimizer)} of the optimizer, hash {found}: sound")


if __name__ == "__main__":
    main()
