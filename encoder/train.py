"""Trains the student to give the teacher's features: python3 train.py WORKFOLDER [--hours H] [--epochs N] [--batch N] [--seed N].

WORKFOLDER holds crops.u8 [N, 256, 256, 3] and, of each stage, stageN.f16 [N, K, h, w]; student.json lies beside this file. A stage's loss is the
mean square error in units of the targets' variance: 1 is a student that knows nothing, 0 one that cannot be told from the teacher.
Writes checkpoint.pth every few minutes, and goes on from it; student.pth (averaged weights, for 'mrfad-maker export') and check.pth (what they
make of a crop) beside it each time. Repeatable with the same seed and number of threads, unless --hours ends it early.
"""
import argparse
import copy
import json
import os
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

SIDE = 256
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
PEAK_RATE, WARM_UP = 2e-3, 500  # of AdamW; steps
EMA = 0.999
SAVE_EVERY = 240  # seconds
HELD_OUT = 0.02


class Unit(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class Head(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        return self.conv(x)


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a, self.b = Unit(channels, channels), Unit(channels, channels)
        nn.init.zeros_(self.b.norm.weight)  # begins as the identity

    def forward(self, x):
        return functional.relu(x + self.b(functional.relu(self.a(x))))


class Stage(nn.Module):
    def __init__(self, inputs, channels, blocks, dimensions):
        super().__init__()
        self.down = Unit(inputs, channels, 2)
        self.blocks = blocks
        for i in range(blocks):
            self.add_module(f"block{i}", Block(channels))
        self.head = Head(channels, dimensions)

    def forward(self, x):
        x = functional.relu(self.down(x))
        for i in range(self.blocks):
            x = getattr(self, f"block{i}")(x)
        return x, self.head(x)


class Student(nn.Module):
    """Maker/Student.cs is its twin for use; names of tensors are those of its convolutions."""

    def __init__(self, shape):
        super().__init__()
        self.stem = Unit(3, shape["stem"], 2)
        self.stages = len(shape["channels"])
        inputs = [shape["stem"], *shape["channels"]]
        for i in range(self.stages):
            self.add_module(f"stage{i + 1}", Stage(inputs[i], shape["channels"][i], shape["blocks"][i], shape["dimensions"][i]))

    def forward(self, x):
        x = functional.relu(self.stem(x))
        features = []
        for i in range(self.stages):
            x, feature = getattr(self, f"stage{i + 1}")(x)
            features.append(feature)
        return features


class Crops:
    """Images and targets, mapped; targets are divided by their stage's standard deviation."""

    def __init__(self, folder, dimensions):
        self.images = np.memmap(f"{folder}/crops.u8", np.uint8, "r").reshape(-1, SIDE, SIDE, 3)
        self.targets = []
        for i, channels in enumerate(dimensions):
            flat = np.memmap(f"{folder}/stage{i + 1}.f16", np.float16, "r")
            side = int(round((flat.size // len(self.images) // channels) ** 0.5))
            if flat.size != len(self.images) * channels * side * side:
                raise SystemExit(f"{folder}/stage{i + 1}.f16 has {flat.size} values, not {channels} x h x w for each of {len(self.images)} crops: is 'teach' done?")
            self.targets.append(flat.reshape(-1, channels, side, side))
        some = np.linspace(0, len(self.images) - 1, min(400, len(self.images))).astype(int)
        self.scales = [float(np.sqrt(np.mean(np.square(t[some].astype(np.float32))))) for t in self.targets]

    def batch(self, indices):
        indices = np.sort(indices)
        images = torch.from_numpy(self.images[indices]).permute(0, 3, 1, 2).float() / 255
        targets = [torch.from_numpy(t[indices].astype(np.float32)) / s for t, s in zip(self.targets, self.scales)]
        return ((images - MEAN) / DEVIATION).contiguous(memory_format=torch.channels_last), targets


def losses(student, images, targets):
    with torch.autocast("cpu", torch.bfloat16):  # twice as fast as fp32 where the processor has it
        features = student(images)
    result = []
    for feature, target in zip(features, targets):
        step = feature.shape[2] // target.shape[2]
        result.append(functional.mse_loss(feature[:, :, ::step, ::step].float(), target))
    return torch.stack(result)


def rate(progress, step):
    return PEAK_RATE * min(1, (step + 1) / WARM_UP) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(1, progress))))


def average(ema, student, step):
    keep = min(EMA, (step + 1) / (step + 10))
    for mean, value in zip(ema.state_dict().values(), student.state_dict().values()):
        if mean.dtype.is_floating_point:
            mean.mul_(keep).add_(value, alpha=1 - keep)


@torch.no_grad()
def judge(student, crops, indices, batch):
    student.eval()
    return torch.stack([losses(student, *crops.batch(indices[i:i + batch])) for i in range(0, len(indices), batch)]).mean(0)


def write(value, path):
    torch.save(value, path + ".tmp")
    os.replace(path + ".tmp", path)


@torch.no_grad()
def publish(ema, crops, indices, folder):
    """The heads give the teacher's own units again."""
    student = copy.deepcopy(ema).eval()
    for i, scale in enumerate(crops.scales):
        head = getattr(student, f"stage{i + 1}").head.conv
        head.weight.mul_(scale)
        head.bias.mul_(scale)
    image, _ = crops.batch(indices[:1])
    check = {f"stage{i + 1}": feature.contiguous() for i, feature in enumerate(student(image))}
    write({"image": image.contiguous(), **check}, f"{folder}/check.pth")
    write({name: value.contiguous() for name, value in student.state_dict().items()}, f"{folder}/student.pth")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--hours", type=float, default=24, help="stop by then, in all runs together; the rate falls accordingly")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "student.json"), encoding="utf-8") as file:
        shape = json.load(file)
    crops = Crops(options.folder, shape["dimensions"])
    order = np.random.default_rng(options.seed).permutation(len(crops.images))
    held_out, rest = np.split(order, [min(400, max(2, int(HELD_OUT * len(order))))])
    student = Student(shape).to(memory_format=torch.channels_last)
    ema = copy.deepcopy(student).requires_grad_(False)
    decayed = [p for p in student.parameters() if p.dim() > 1]
    others = [p for p in student.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}], lr=PEAK_RATE)
    step, spent = 0, 0.0
    path = f"{options.folder}/checkpoint.pth"
    if os.path.exists(path):
        saved = torch.load(path)
        student.load_state_dict(saved["student"])
        ema.load_state_dict(saved["ema"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
        print(f"goes on at step {step}, after {spent / 3600:.2f} h", flush=True)

    a_round = len(rest) // options.batch
    if a_round == 0:
        raise SystemExit(f"{len(rest)} crops are not one batch of {options.batch}")
    last = options.epochs * a_round
    limit = options.hours * 3600
    resumed, saved_at, start, recent = spent, spent, time.monotonic(), None

    def save():
        write({"student": student.state_dict(), "ema": ema.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "spent": spent}, path)
        publish(ema, crops, held_out, options.folder)
        print("held out: " + " ".join(f"{x:.4f}" for x in judge(ema, crops, held_out, options.batch)), flush=True)

    while step < last and spent < limit:
        if step % a_round == 0 or recent is None:
            epoch = np.random.default_rng([options.seed, step // a_round]).permutation(rest)
        at = step % a_round * options.batch
        progress = max(step / last, spent / limit)
        for group in optimizer.param_groups:
            group["lr"] = rate(progress, step)
        student.train()
        each = losses(student, *crops.batch(epoch[at:at + options.batch]))
        optimizer.zero_grad(set_to_none=True)
        each.sum().backward()
        optimizer.step()
        average(ema, student, step)
        step += 1
        spent = resumed + time.monotonic() - start
        if not torch.isfinite(each).all():
            raise SystemExit(f"step {step}: the loss is {each.tolist()}; the last checkpoint is kept")
        recent = each.detach() if recent is None else 0.98 * recent + 0.02 * each.detach()
        if step % 50 == 0:
            left = min(limit - spent, (last - step) * spent / step)
            print(f"step {step} of {last}: " + " ".join(f"{x:.4f}" for x in recent) + f", {left / 60:.0f} min left", flush=True)
        if spent - saved_at > SAVE_EVERY:
            saved_at = spent
            save()
    save()


if __name__ == "__main__":
    main()
