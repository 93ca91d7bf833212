#!/usr/bin/env bash
# Packs the GPU benchmark for an x64 machine that has an NVIDIA device and neither .NET nor a network: self-contained, with the CUDA and TensorRT
# providers, an image resized for all views, and encoders. In pieces of at most 60 MB, with what unpacks and runs them.
#   tests/Benchmarks/pack-gpu.sh FOLDER [IMAGE [ENCODER...]]
# There: bash FOLDER/run-gpu.sh [RESULTS [SCALES]]
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
die() { printf 'pack-gpu: %s\n' "$*" >&2; exit 1; }
[ $# -ge 1 ] || die "want a folder for the pieces"
target=$1; shift
mkdir -p "$target"
[ -z "$(ls -A "$target")" ] || die "$target is not empty"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# A build folder of its own: what was restored here for this machine stays.
dotnet publish "$here/Benchmarks.csproj" -c Release -r linux-x64 --self-contained -p:CudaProvider=true -v q --nologo --artifacts-path "$stage/artifacts" -o "$stage/gpu/bin"
"$stage/gpu/bin/MrfAd.Benchmarks" gpu-data "$stage/gpu/data" "$@"
# Not needed there: OpenCV (the pixels are resized already), symbols and documentation.
rm -f "$stage"/gpu/bin/libOpenCvSharpExtern.so "$stage"/gpu/bin/*.pdb "$stage"/gpu/bin/*.xml
cp "$here/run-gpu.sh" "$target/"
# xz: the CUDA provider shrinks to a third. At its fastest, on all cores: it takes minutes otherwise.
tar -C "$stage" -c gpu | xz -T0 -1 | split -b 60000000 -d -a 2 - "$target/gpu.tar.xz."
(cd "$target" && sha256sum gpu.tar.xz.* >SHA256SUMS)
du -ch "$target"/*
