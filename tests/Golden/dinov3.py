"""Golden activations of the public DINOv3 code on random weights: python3 dinov3.py PUBLIC_CODE FOLDER [VARIANT...].

PUBLIC_CODE is a checkout of github.com/facebookresearch/dinov3 (made with commit 6876159a11b4df116f30f667f8c9888617df0751), whose modules are imported and
run in float64; needs PyTorch (made with 1.13 of Debian 12). PyTorch before 2.0 lacks scaled_dot_product_attention, which is then softmax(q kᵀ/√d) v, and what the
public code's 8-bit layers and compiler settings need, which have no part in this. FOLDER receives, for each variant, the checkpoint in each naming and what the code makes of it:

    input.npy                     float32 [1, 3, 80, 80]; an input of H×W is its upper left corner
    VARIANT/meta/model.safetensors (or .pth), VARIANT/hf/model.safetensors, config.json where tensors do not tell all
    VARIANT/expected.safetensors  "0 64x64": float32 tokens [T, D] after block 0, class token and registers first, or the map [C, h, w] of stage 1; "norm 64x64": the last of
                                  them with the last normalisation

Weights are rounded to float16 before anything is computed, and stored so. `mask_token`, biases of keys and `local_cls_norm` are not zero although they are never
used, so that a port that uses them fails. The files are in the repository; the same PyTorch makes them again bit for bit.
"""
import json
import os
import re
import struct
import sys
import types

import numpy as np
import torch

SIZES = {16: [(64, 64), (48, 80), (80, 32)], 8: [(32, 32), (24, 40), (40, 16)], 32: [(64, 64), (32, 64), (64, 32)]}
VIT = dict(
    img_size=32, patch_size=8, embed_dim=32, depth=2, num_heads=2, ffn_ratio=2, qkv_bias=True, layerscale_init=1e-5, norm_layer="layernormbf16", ffn_layer="mlp",
    n_storage_tokens=4, mask_k_bias=True, pos_embed_rope_base=100, pos_embed_rope_normalize_coords="separate", pos_embed_rope_rescale_coords=2, pos_embed_rope_dtype="fp32")

# Arguments of the public classes; the rest as in dinov3/hub/backbones.py.
VARIANTS = {
    "vits": dict(VIT, patch_size=16),
    "vitsplus": dict(VIT, ffn_layer="swiglu", ffn_ratio=6),  # w1 and w2 of 128 values
    "vitl_sat": dict(VIT, untie_global_and_local_cls_norm=True),  # and periods that are not those of any base
    "vit7b": dict(VIT, embed_dim=48, num_heads=3, ffn_layer="swiglu64", ffn_ratio=3, qkv_bias=False, untie_global_and_local_cls_norm=True, pos_embed_rope_base=60),
    "untied": dict(VIT, untie_cls_and_patch_norms=True, n_storage_tokens=1),
    "max": dict(VIT, pos_embed_rope_normalize_coords="max"),
    "min": dict(VIT, pos_embed_rope_normalize_coords="min", norm_layer="layernorm", layerscale_init=None, n_storage_tokens=0, mask_k_bias=False),
    "convnext": dict(depths=[2, 1, 3, 1], dims=[8, 16, 24, 32]),
    "convnext_unscaled": dict(depths=[1, 1, 1, 1], dims=[8, 8, 16, 16], layer_scale_init_value=0),
}
HUGGING_FACE = {"vits", "vitsplus", "vit7b", "convnext"}
CONFIG = {  # what the publisher's names need besides
    "max": dict(embed_dim=32, pos_embed_rope_normalize_coords="max"),
    "min": dict(embed_dim=32, pos_embed_rope_normalize_coords="min", norm_layer="layernorm"),
}


def prepare(public):
    sys.path.insert(0, public)
    functions = torch.nn.functional
    if not hasattr(functions, "scaled_dot_product_attention"):
        functions.scaled_dot_product_attention = lambda q, k, v: torch.softmax(q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5, -1) @ v
    if not hasattr(torch, "_dynamo"):
        settings = type("Settings", (), {})
        torch._dynamo = type("Dynamo", (), {"config": settings})
    if not hasattr(torch, "compiler"):
        stand_in = types.ModuleType("dinov3.layers.fp8_linear")
        stand_in.convert_linears_to_fp8 = None
        sys.modules[stand_in.__name__] = stand_in


def randomise(model, seed):
    random = np.random.RandomState(seed)
    for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
        kind, shape = name.split(".")[-1], tuple(tensor.shape)
        if kind in ("periods", "bias_mask"):
            continue
        if kind == "gamma":
            values = random.uniform(0.3, 1, shape)
        elif kind == "weight" and len(shape) == 1:
            values = random.uniform(0.5, 1.5, shape)
        elif kind == "weight":
            values = random.standard_normal(shape) * 1.2 / np.sqrt(np.prod(shape[1:]))
        else:
            values = random.standard_normal(shape) * 0.3
        tensor.data = torch.from_numpy(values.astype(np.float16)).double()


def hugging_face(name, tensors, dimension):
    """The renaming of convert_dinov3_vit_to_hf.py and convert_dinov3_convnext_to_hf.py of github.com/huggingface/transformers."""
    renamed = {}
    for key, value in tensors.items():
        if "convnext" in name:
            if key.startswith("norms."):
                continue
            for old, new in (("dwconv", "depthwise_conv"), ("pwconv", "pointwise_conv"), ("norm", "layer_norm"),
                             (r"stages.(\d+).(\d+)", r"stages.\1.layers.\2"), (r"downsample_layers.(\d+).(\d+)", r"stages.\1.downsample_layers.\2")):
                key = re.sub(old, new, key)
            renamed[key] = value
            continue
        if "bias_mask" in key or key.startswith(("rope_embed", "local_cls_norm")):
            continue
        for old, new in (("storage_tokens", "register_tokens"), (r"^(cls_token|mask_token|register_tokens)", r"embeddings.\1"), ("patch_embed.proj", "embeddings.patch_embeddings"),
                         (r"blocks\.(\d+)\.attn\.proj", r"layer.\1.attention.o_proj"), (r"blocks\.(\d+)\.attn\.", r"layer.\1.attention."),
                         (r"blocks\.(\d+)\.ls(\d)\.gamma", r"layer.\1.layer_scale\2.lambda1"), (r"blocks\.(\d+)", r"layer.\1"),
                         ("mlp.fc1", "mlp.up_proj"), ("mlp.fc2", "mlp.down_proj"), ("mlp.w1", "mlp.gate_proj"), ("mlp.w2", "mlp.up_proj"), ("mlp.w3", "mlp.down_proj")):
            key = re.sub(old, new, key)
        if "qkv" not in key:
            renamed[key] = value[None] if key == "embeddings.mask_token" else value
            continue
        for part, rows in zip("qkv", np.split(value, 3)):
            if not (part == "k" and key.endswith("bias")):
                renamed[key.replace("qkv", f"{part}_proj")] = rows
    return renamed


def hugging_face_config(name, settings):
    if "convnext" in name:
        return dict(model_type="dinov3_convnext", hidden_sizes=settings["dims"], depths=settings["depths"], hidden_act="gelu", layer_norm_eps=1e-6)
    gated = "swiglu" in settings["ffn_layer"]
    return dict(
        model_type="dinov3_vit", hidden_size=settings["embed_dim"], num_attention_heads=settings["num_heads"], patch_size=settings["patch_size"], num_register_tokens=settings["n_storage_tokens"],
        layer_norm_eps=1e-5, rope_theta=float(settings["pos_embed_rope_base"]), use_gated_mlp=gated, hidden_act="silu" if gated else "gelu", query_bias=settings["qkv_bias"], key_bias=False)


def write_safetensors(path, tensors):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    header, data = {}, b""
    for name, values in tensors.items():
        raw = np.ascontiguousarray(values).tobytes()
        header[name] = {"dtype": {"float16": "F16", "float32": "F32"}[str(values.dtype)], "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_json(path, values):
    with open(path, "w") as file:
        json.dump(values, file, indent=2)
        file.write("\n")


def activations(name, model, image):
    """What the public code returns of each layer, as it is and, of the last, normalised."""
    layers = 4 if "convnext" in name else model.n_blocks
    if "convnext" in name:
        outputs = [part[0] for part in model.get_intermediate_layers(image, n=range(layers), reshape=True, norm=False)]
        return outputs, model.get_intermediate_layers(image, n=[layers - 1], reshape=True, norm=True)[0][0]

    def tokens(norm):
        found = model.get_intermediate_layers(image, n=range(layers), return_class_token=True, return_extra_tokens=True, norm=norm)
        return [torch.cat([classes[:, None], extra, patches], 1)[0] for patches, classes, extra in found]

    return tokens(False), tokens(True)[-1]


def make(name, seed, image, folder):
    from dinov3.models.convnext import ConvNeXt
    from dinov3.models.vision_transformer import DinoVisionTransformer

    settings = VARIANTS[name]
    model = (ConvNeXt if "convnext" in name else DinoVisionTransformer)(**settings)
    model.init_weights()
    model = model.double().eval()
    randomise(model, seed)
    if "convnext" not in name:
        periods = model.rope_embed.periods
        if name == "vitl_sat":
            periods *= torch.tensor([1.5, 0.75, 1.25, 0.5])
        periods.data = periods.float().double()
        model.rope_embed.dtype = torch.float64
    meta = {key: value.numpy().astype(np.float32 if key.endswith("periods") else np.float16) for key, value in model.state_dict().items()}
    if name == "vitsplus":
        os.makedirs(f"{folder}/{name}/meta", exist_ok=True)
        torch.save({key: torch.from_numpy(value.copy()) for key, value in meta.items()}, f"{folder}/{name}/meta/model.pth")
    else:
        write_safetensors(f"{folder}/{name}/meta/model.safetensors", meta)
    if name in CONFIG:
        write_json(f"{folder}/{name}/meta/config.json", CONFIG[name])
    if name in HUGGING_FACE:
        write_safetensors(f"{folder}/{name}/hf/model.safetensors", hugging_face(name, meta, settings.get("embed_dim")))
        write_json(f"{folder}/{name}/hf/config.json", hugging_face_config(name, settings))
    expected = {}
    for height, width in SIZES[32 if "convnext" in name else settings["patch_size"]]:
        with torch.no_grad():
            layers, normed = activations(name, model, torch.from_numpy(image[:, :, :height, :width]).double())
        for index, values in enumerate(layers):
            expected[f"{index} {height}x{width}"] = values.numpy().astype(np.float32)
        expected[f"norm {height}x{width}"] = normed.numpy().astype(np.float32)
    write_safetensors(f"{folder}/{name}/expected.safetensors", expected)
    print(name, sorted({values.shape for values in expected.values()}), f"largest value {max(np.abs(values).max() for values in expected.values()):.1f}")


def main():
    public, folder, *names = sys.argv[1:]
    prepare(public)
    os.makedirs(folder, exist_ok=True)
    image = np.random.RandomState(9000).standard_normal((1, 3, 80, 80)).astype(np.float32)
    np.save(f"{folder}/input.npy", image)
    for index, name in enumerate(VARIANTS):
        if not names or name in names:
            make(name, 100 + index, image, folder)


main()
