#!/usr/bin/env bash
# Unpacks the GPU benchmark from the pieces beside this script and runs it. Needs bash, tar, xz and sha256sum; CUDA and cuDNN are found where
# the system has them, or in the folders of Python's packages (nvidia-*, as PyTorch brings them), TensorRT likewise.
#   bash run-gpu.sh [RESULTS [SCALES]]     results go to ./gpu-results; SCALES: e.g. 0.3,0.5
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
work=${GPU_WORK:-/tmp/mrfad-gpu}
results=${1:-gpu-results}
if [ ! -e "$work/gpu/bin/MrfAd.Benchmarks" ]; then
    (cd "$here" && sha256sum -c --quiet SHA256SUMS)
    mkdir -p "$work"
    cat "$here"/gpu.tar.xz.* | xz -dc -T0 | tar -x -C "$work"
fi

# Where Python keeps its packages: asked of each Python that is there, and guessed.
sites=$(for python in python3 python; do
    "$python" -c 'import site, sys; print("\n".join(sorted({*site.getsitepackages(), site.getusersitepackages(), *[p for p in sys.path if p.endswith("-packages")]})))' 2>/dev/null || true
done; ls -d /usr/local/lib/python3*/*-packages /usr/lib/python3*/*-packages /opt/*/lib/python3*/site-packages /opt/*/*/lib/python3*/site-packages "$HOME"/*/lib/python3*/site-packages 2>/dev/null || true)
folders=$(while IFS= read -r site; do
    ls -d "$site"/nvidia/*/lib "$site"/nvidia/*/*/lib "$site"/tensorrt_libs "$site"/torch/lib 2>/dev/null || true
done <<<"$sites" | sort -u; ls -d /usr/local/cuda*/lib64 /usr/local/cuda*/targets/*/lib /usr/lib/wsl/lib 2>/dev/null || true)
# The versions that this build wants, before any other.
found=$(while IFS= read -r folder; do
    for library in libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcurand.so.10 libcufft.so.12 libnvrtc.so.13 libcudnn.so.9 libnvinfer.so.10 libnvonnxparser.so.10; do
        if [ -e "$folder/$library" ]; then echo "$folder"; break; fi
    done
done <<<"$folders" | awk '!seen[$0]++')
[ -z "$found" ] || printf 'run-gpu: NVIDIA libraries in\n%s\n' "$found" >&2
LD_LIBRARY_PATH=$(tr '\n' ':' <<<"$found")${LD_LIBRARY_PATH:-}
export LD_LIBRARY_PATH ORT_DISABLE_TELEMETRY=1
mkdir -p "$results"
results=$(cd "$results" && pwd)
nvidia-smi >"$results/nvidia-smi.txt" 2>&1 || echo "run-gpu: there is no nvidia-smi" >&2
shift || true
"$work/gpu/bin/MrfAd.Benchmarks" gpu "$work/gpu/data" "$results" "$@"
