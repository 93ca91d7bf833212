"""Forward passes in plain NumPy from a checkpoint's own numbers, for comparison: python3 networks.py resnet|dinov2|student FOLDER.

FOLDER holds model.safetensors (torchvision's, Meta's or encoder/train.py's names) and input.npy [1, 3, H, W]. Writes stage1.npy … stage4.npy [C, h, w]
(resnet: bottleneck blocks, stride in the 3x3 convolution), or block0.npy, block1.npy, … [tokens, D] (dinov2: 4 registers, SwiGLU,
heads of 16 values; the input has the trained size, so that no positional embedding is resampled). Computed in float64.
"""
import json
import struct
import sys

import numpy as np


def tensors(path):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        data = file.read()
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"]).astype(np.float64)
        for name, entry in header.items() if name != "__metadata__"
    }


def convolve(x, weight, stride, padding):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    k = weight.shape[2]
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (1, 2))[:, ::stride, ::stride]
    return np.einsum("chwij,ocij->ohw", windows, weight, optimize=True)


def batch_norm(x, w, name):
    mean, variance = w[f"{name}.running_mean"], w[f"{name}.running_var"]
    return ((x.transpose(1, 2, 0) - mean) / np.sqrt(variance + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]).transpose(2, 0, 1)


def resnet(w, x):
    x = np.maximum(batch_norm(convolve(x, w["conv1.weight"], 2, 3), w, "bn1"), 0)
    x = np.pad(x, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    x = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2))[:, ::2, ::2].max((3, 4))
    for stage in range(1, 5):
        block = 0
        while f"layer{stage}.{block}.conv1.weight" in w:
            name = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = np.maximum(batch_norm(convolve(x, w[f"{name}.conv1.weight"], 1, 0), w, f"{name}.bn1"), 0)
            y = np.maximum(batch_norm(convolve(y, w[f"{name}.conv2.weight"], stride, 1), w, f"{name}.bn2"), 0)
            y = batch_norm(convolve(y, w[f"{name}.conv3.weight"], 1, 0), w, f"{name}.bn3")
            if f"{name}.downsample.0.weight" in w:
                x = batch_norm(convolve(x, w[f"{name}.downsample.0.weight"], stride, 0), w, f"{name}.downsample.1")
            x = np.maximum(x + y, 0)
            block += 1
        yield f"stage{stage}", x


def student(w, x):
    def unit(x, name, stride=1):
        return batch_norm(convolve(x, w[f"{name}.conv.weight"], stride, 1), w, f"{name}.norm")

    x = np.maximum(unit(x, "stem", 2), 0)
    for stage in ("stage1", "stage2", "stage3"):
        x = np.maximum(unit(x, f"{stage}.down", 2), 0)
        block = 0
        while f"{stage}.block{block}.a.conv.weight" in w:
            y = np.maximum(unit(x, f"{stage}.block{block}.a"), 0)
            x = np.maximum(unit(y, f"{stage}.block{block}.b") + x, 0)
            block += 1
        yield stage, convolve(x, w[f"{stage}.head.conv.weight"], 1, 0) + w[f"{stage}.head.conv.bias"][:, None, None]


def layer_norm(x, w, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6) * w[f"{name}.weight"] + w[f"{name}.bias"]


def linear(x, w, name):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def dinov2(w, image):
    patches = convolve(image, w["patch_embed.proj.weight"], 14, 0)
    d = patches.shape[0]
    x = patches.reshape(d, -1).T + w["patch_embed.proj.bias"]
    x = np.concatenate([w["cls_token"][0], x]) + w["pos_embed"][0]
    x = np.concatenate([x[:1], w["register_tokens"][0], x[1:]])
    block = 0
    while f"blocks.{block}.norm1.weight" in w:
        name = f"blocks.{block}"
        qkv = linear(layer_norm(x, w, f"{name}.norm1"), w, f"{name}.attn.qkv")
        out = np.empty_like(x)
        for head in range(0, d, 16):
            q, k, v = (qkv[:, part * d + head:part * d + head + 16] for part in range(3))
            logits = q @ k.T / 4
            shares = np.exp(logits - logits.max(1, keepdims=True))
            out[:, head:head + 16] = shares / shares.sum(1, keepdims=True) @ v
        x = x + w[f"{name}.ls1.gamma"] * linear(out, w, f"{name}.attn.proj")
        a, b = np.split(linear(layer_norm(x, w, f"{name}.norm2"), w, f"{name}.mlp.w12"), 2, axis=1)
        x = x + w[f"{name}.ls2.gamma"] * linear(a / (1 + np.exp(-a)) * b, w, f"{name}.mlp.w3")
        yield f"block{block}", x
        block += 1


kind, folder = sys.argv[1:]
network = {"resnet": resnet, "dinov2": dinov2, "student": student}[kind]
for name, values in network(tensors(f"{folder}/model.safetensors"), np.load(f"{folder}/input.npy")[0].astype(np.float64)):
    np.save(f"{folder}/{name}.npy", values.astype(np.float32))
