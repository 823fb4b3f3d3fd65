#!/usr/bin/env python3
"""Reads a set of shards with h5py alone and compares it with the tree of images that it was built from.

Checks the layout of every shard (attributes, types, contiguous and unfiltered storage), the index, and for every sample
its label, its CRC-32C and its image: JPEG bytes must be those of the source file, raw pixels of an image that already
had the right size must be those that Pillow decodes.

    check_shards.py SHARDS TREE [--samples N]

Needs h5py and numpy, and Pillow for raw images. Exits 1 at the first difference.
"""
import argparse
import io
import json
import os
import sys

import h5py
import numpy as np

IMAGE_EXTENSIONS = {"jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "ppm", "pgm", "tif", "tiff", "webp"}


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def require(condition, message):
    if not condition:
        sys.exit(f"check_shards: {message}")


def source_files(tree):
    """The images in the order of their sample ids, with their labels."""
    visible = lambda names: sorted((n for n in names if not n.startswith(".")), key=os.fsencode)
    folders = [n for n in visible(os.listdir(tree)) if os.path.isdir(os.path.join(tree, n))]
    files = []
    for label, folder in enumerate(folders):
        found = []
        for place, below, names in os.walk(os.path.join(tree, folder), followlinks=True):
            below[:] = visible(below)
            images = [n for n in visible(names) if n.rpartition(".")[2].lower() in IMAGE_EXTENSIONS]
            found += [os.path.join(place, n) for n in images]
        files += [(path, label) for path in sorted(found, key=os.fsencode)]
    return folders, files


def check_structure(path, file, index, folders):
    count = int(file.attrs["samples"])
    require(file.attrs["format"] == b"convoy-shard" and file.attrs["format_version"] == 1, f"{path}: format")
    require(file.attrs["split"].decode() == index["split"], f"{path}: split")
    require(file.attrs["num_classes"] == len(folders), f"{path}: num_classes")
    require([w.decode() for w in file["classes/wnid"][:]] == folders, f"{path}: classes/wnid")
    require([n.decode() for n in file["classes/name"][:]] == [c["name"] for c in index["classes"]], f"{path}: names")
    columns = {"labels": "<i4", "sample_id": "<u8", "crc32c": "<u4"}
    for name, kind in columns.items():
        require(file[name].shape == (count,) and file[name].dtype == np.dtype(kind), f"{path}: {name}")
    data = file["jpeg_bytes"] if index["encoding"] == "jpeg" else file["images"]
    for dataset in [data] + [file[name] for name in columns]:
        is_filtered = dataset.chunks is not None or dataset.compression is not None
        is_elsewhere = dataset.is_virtual or bool(dataset.external)
        is_placed = dataset.id.get_offset() is not None
        require(is_placed and not is_filtered and not is_elsewhere, f"{path}: {dataset.name} is not contiguous")
    require(data.dtype == np.uint8, f"{path}: {data.name} is {data.dtype}")
    return count, data


def stored_image(file, data, index, row):
    if index["encoding"] == "jpeg":
        first, last = file["jpeg_offsets"][row:row + 2]
        return data[int(first):int(last)]
    return data[row]


def is_kept(source):
    """Whether the builder keeps the file's bytes: JPEG of one or three components."""
    if source[:2] != b"\xff\xd8":
        return False
    from PIL import Image
    return Image.open(io.BytesIO(source)).mode in ("L", "RGB")


def same_image(stored, source, index):
    """True or False; None where there is nothing to compare with: the image was encoded or resized."""
    if index["encoding"] == "jpeg":
        if stored.tobytes() == source:
            return True
        return False if is_kept(source) else None
    from PIL import Image
    pixels = np.asarray(Image.open(io.BytesIO(source)).convert("RGB"))
    return bool((pixels == stored).all()) if pixels.shape == stored.shape else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards")
    parser.add_argument("tree")
    parser.add_argument("--samples", type=int, default=0, help="compare only so many images (0: all)")
    arguments = parser.parse_args()

    with open(os.path.join(arguments.shards, "index.json")) as text:
        index = json.load(text)
    folders, files = source_files(arguments.tree)
    require([c["wnid"] for c in index["classes"]] == folders, "the classes of the index are not the tree's folders")
    total, compared, converted = 0, 0, 0
    seen, histogram = set(), np.zeros(len(folders), int)
    sums, squares, pixels = np.zeros(3, object), np.zeros(3, object), 0
    for entry in index["shards"]:
        path = os.path.join(arguments.shards, entry["file"])
        require(os.path.getsize(path) == entry["bytes"], f"{path}: size")
        with h5py.File(path, "r") as file:
            count, data = check_structure(path, file, index, folders)
            require(count == entry["samples"], f"{path}: samples")
            labels, ids, checksums = file["labels"][:], file["sample_id"][:], file["crc32c"][:]
            histogram += np.bincount(labels, minlength=len(folders))
            seen |= set(ids.tolist())
            total += count
            if index["encoding"] == "raw":
                channels = data[:].reshape(-1, 3).astype(np.int64)
                sums, squares = sums + channels.sum(0), squares + (channels * channels).sum(0)
                pixels += len(channels)
            for row in range(count):
                source, label = files[ids[row]]
                require(labels[row] == label, f"{path}: label of sample {row}, from {source}")
                if arguments.samples and compared >= arguments.samples:
                    continue
                stored = stored_image(file, data, index, row)
                require(crc32c(stored.tobytes()) == checksums[row], f"{path}: CRC-32C of sample {row}")
                with open(source, "rb") as text:
                    same = same_image(stored, text.read(), index)
                require(same is not False, f"{path}: sample {row} is not {source}")
                compared += 1
                converted += same is None
    require(total == len(seen) == index["samples"], "samples are missing or occur twice")
    require(histogram.tolist() == index["class_histogram"], "the class histogram")
    if pixels:
        mean = np.array([s / pixels for s in sums], float)
        std = np.sqrt(np.array([s / pixels for s in squares], float) - mean ** 2)
        require(np.allclose(mean / 255, index["mean"], atol=1e-12), "the mean")
        require(np.allclose(std / 255, index["std"], atol=1e-9), "the standard deviation")
    shards = len(index["shards"])
    print(f"{total} samples in {shards} shards; {compared} images compared, {converted} of them converted")


if __name__ == "__main__":
    main()
