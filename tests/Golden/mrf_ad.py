"""Equations 5 and 6 of MRF-AD in plain NumPy, for comparison: python3 mrf_ad.py FOLDER BANK.

FOLDER holds case.json ({"width", "height", "branches": [{"name", "width", "height"}]}) and features of each branch
as <name>.npy [h*w, D]; BANK is a .mrfbank. Writes map.npy [H, W], float64.
"""
import json
import struct
import sys

import numpy as np


def tensors(path):
    """All tensors of a safetensors file (https://github.com/huggingface/safetensors: 8 bytes length, JSON, data)."""
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        data = file.read()
    types = {"F32": np.float32, "I32": np.int32, "U8": np.uint8}
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items() if name != "__metadata__"
    }


def nearest(queries, rows):
    """Eq. 5: L2 distance from each query to its nearest row, from the definition, in double precision."""
    rows = rows.astype(np.float64)
    return np.array([np.sqrt(((rows - q.astype(np.float64)) ** 2).sum(1).min()) for q in queries])


def upsample(scores, height, width):
    """Bilinear with half-pixel centres and held edges, one axis after the other."""
    for axis, size in ((0, height), (1, width)):
        n = scores.shape[axis]
        at = np.clip((np.arange(size) + 0.5) * n / size - 0.5, 0, n - 1)
        below = np.minimum(at.astype(int), n - 1)
        t = np.expand_dims(at - below, 1 - axis)
        scores = np.take(scores, below, axis) * (1 - t) + np.take(scores, np.minimum(below + 1, n - 1), axis) * t
    return scores


folder, bank = sys.argv[1:]
case = json.load(open(f"{folder}/case.json"))
rows = tensors(bank)
total = np.zeros((case["height"], case["width"]))
for branch in case["branches"]:
    scores = nearest(np.load(f"{folder}/{branch['name']}.npy"), rows[f"bank.{branch['name']}"])
    total += upsample(scores.reshape(branch["height"], branch["width"]), case["height"], case["width"])
np.save(f"{folder}/map.npy", (total / len(case["branches"])).astype(np.float32))
