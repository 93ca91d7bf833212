#!/usr/bin/env bash
# The agent for Jetson (linux-arm64), with .NET in it.
#   on an x64 machine:  ./build-jetson.sh [--tarball] [--opencv-version VERSION]
#                       ./mrfad package for arm64, having looked at what is native in it and, with qemu, started it: out/mrfad-*-linux-arm64.tar.gz and, without --tarball, out/mrfad_*_arm64.deb.
#                       VERSION: of the package OpenCvSharp4.runtime.linux-arm64, where the feed has it
#   on the Jetson:      apt-get install ./mrfad_*_arm64.deb; /usr/lib/mrfad/build-jetson.sh [--onnxruntime FILE] [--opencv FILE], or from the unpacked tarball
#                       says what the device lacks; takes a libonnxruntime.so with CUDA or TensorRT (and the libonnxruntime_providers_*.so
#                       beside it) and a libOpenCvSharpExtern.so that were built there. What does not work is put back
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
say() { printf 'build-jetson: %s\n' "$*"; }
die() { printf 'build-jetson: %s\n' "$*" >&2; exit 1; }

opencv_note="libOpenCvSharpExtern.so is missing: put it into agent/, beside mrfad (build-jetson.sh --opencv FILE, on the device).
  It comes from OpenCvSharp's package OpenCvSharp4.runtime.linux-arm64, or is built there from OpenCvSharp's src against OpenCV"

# --- on the device ---------------------------------------------------------------------------------------------------

# What brings a library that something asks for; nothing for what is not needed.
remedy() { # LIBRARY
    case $1 in
        liblttng-ust*) ;; # of .NET's tracing
        libcudnn*) echo "cuDNN: apt-get install nvidia-cudnn (JetPack)" ;;
        libnvinfer*|libnvonnxparser*) echo "TensorRT: apt-get install nvidia-tensorrt (JetPack)" ;;
        libcuda.so*) echo "the GPU's driver: apt-get install nvidia-l4t-cuda (JetPack)" ;;
        libcu*|libnvrtc*) echo "CUDA: apt-get install nvidia-cuda (JetPack)" ;;
        libgtk-3*|libgdk-3*) echo "apt-get install libgtk-3-0" ;;
        libgdk_pixbuf*) echo "apt-get install libgdk-pixbuf-2.0-0" ;;
        libgstapp*|libgstvideo*) echo "for RTSP, V4L2 and pipelines: apt-get install libgstreamer-plugins-base1.0-0 gstreamer1.0-plugins-good" ;;
        libgst*) echo "for RTSP, V4L2 and pipelines: apt-get install libgstreamer1.0-0" ;;
        libaravis*) echo "for GigE Vision and USB3 Vision cameras: apt-get install libaravis-0.8-0" ;;
        libdrm*) echo "apt-get install libdrm2" ;;
        libatomic*) echo "apt-get install libatomic1" ;;
        *) echo "the package that has it ('apt-file search $1')" ;;
    esac
}

# Tries new native libraries in place of those that the agent has; they come back where it does not like the new ones.
take() { # CHECK PATTERN FILE...
    local check=$1 pattern=$2 kept; shift 2
    kept=$(mktemp -d)
    find "$here/agent" -maxdepth 1 -name "$pattern" -exec mv -t "$kept" {} +
    cp -t "$here/agent" "$@"
    "$here/agent/mrfad" check --libraries --json >"$kept/check.json" || true
    if ! grep -A1 "\"name\": \"$check\"" "$kept/check.json" | grep -q '"ok": true'; then
        find "$here/agent" -maxdepth 1 -name "$pattern" -delete
        find "$kept" -name "$pattern" -exec mv -t "$here/agent" {} +
        die "not taken: $(grep -A2 "\"name\": \"$check\"" "$kept/check.json" | sed -n 's/ *"detail": "\(.*\)",\?$/\1/p')"
    fi
    rm -rf "$kept"
}

on_device() { # [--onnxruntime FILE] [--opencv FILE]
    local library wanted fresh hint
    fresh=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$fresh'" EXIT
    while [ $# -gt 0 ]; do
        [ $# -gt 1 ] && [ -f "$2" ] || die "$1: want a file, got '${2:-}'"
        case $1 in
            --onnxruntime)
                cp "$2" "$fresh/libonnxruntime.so"
                find "$(dirname "$2")" -maxdepth 1 -name 'libonnxruntime_providers_*.so' -exec cp -t "$fresh" {} +
                take "onnx runtime" 'libonnxruntime*.so' "$fresh"/libonnxruntime*.so
                ;;
            --opencv)
                cp "$2" "$fresh/libOpenCvSharpExtern.so"
                take opencv libOpenCvSharpExtern.so "$fresh/libOpenCvSharpExtern.so"
                ;;
            *) die "want --onnxruntime FILE or --opencv FILE, got $1" ;;
        esac
        shift 2
    done

    [ -e "$here/agent/libOpenCvSharpExtern.so" ] || say "$opencv_note" >&2
    for library in $({ ldd "$here"/agent/lib*.so 2>/dev/null | awk '/not found/ { print $1 }'
        for wanted in libgstreamer-1.0.so.0 libgstapp-1.0.so.0 libaravis-0.8.so.0; do ldconfig -p | grep -q "$wanted" || echo "$wanted"; done; } | sort -u); do
        hint=$(remedy "$library")
        [ -z "$hint" ] || say "not found: $library, $hint" >&2
    done
    "$here/agent/mrfad" check --libraries || die "not ready: see the lines marked ✗"
    say "ready: $here/agent/mrfad run --config station.json"
}

# --- on an x64 machine -------------------------------------------------------------------------------------------------

# What can be known of the package without a Jetson: all native files are for its CPU and its glibc, and the agent starts.
verify() { # PACKAGE
    local file newest
    while IFS= read -r -d '' file; do
        head -c 4 "$file" | grep -q ELF || continue
        readelf -h "$file" | grep -q 'Machine: *AArch64' || die "$file is not for arm64"
        newest=$(readelf -V "$file" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -1)
        [ "$(printf '%s\n' "$newest" GLIBC_2.35 | sort -V | tail -1)" = GLIBC_2.35 ] || die "$file wants $newest, JetPack 6 has GLIBC_2.35"
        say "${file#"$1/"}: AArch64, at least $newest"
    done < <(find "$1" -type f -print0)
    if ! command -v qemu-aarch64-static >/dev/null || ! [ -e /usr/aarch64-linux-gnu/lib/libstdc++.so.6 ]; then
        say "not started, there is no emulator: apt-get install qemu-user-static libc6-dev-arm64-cross libstdc++6-arm64-cross" >&2
        return
    fi
    # ONNX Runtime looks for its cores in /proc/cpuinfo, which is the host's even under emulation: as many of an Orin's in its place.
    local root core; root=$(mktemp -d)
    mkdir "$root/proc"
    ln -s /usr/aarch64-linux-gnu/lib "$root/lib"
    for ((core = 0; core < $(getconf _NPROCESSORS_CONF); core++)); do
        printf 'processor\t: %d\nFeatures\t: fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd42\nCPU revision\t: 1\n\n' "$core"
    done >"$root/proc/cpuinfo"
    say "started under emulation:"
    # No hardware of NVIDIA's and, where the package has none, no OpenCV: the answer counts, not the exit code.
    DOTNET_EnableDiagnostics=0 qemu-aarch64-static -cpu cortex-a76 -L "$root" "$1/agent/mrfad" check --libraries --json | tee "$root/check.json" || true
    grep -A1 '"name": "onnx runtime"' "$root/check.json" | grep -q '"ok": true' || die "the agent does not start under emulation, or not its ONNX Runtime"
    rm -rf "$root"
}

package() { # [--tarball] [--opencv-version VERSION]
    [ "$(uname -m)" = x86_64 ] || die "want x86_64 to package, or a Jetson's unpacked package (agent/mrfad beside this script)"
    local stage tree; stage=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$stage'" EXIT
    "$here/mrfad" package --arch arm64 --out "$stage/out" "$@"
    tar -xzf "$stage"/out/mrfad-*-linux-arm64.tar.gz -C "$stage"
    tree=$(echo "$stage"/mrfad-*)
    verify "$tree"
    [ -e "$tree/agent/libOpenCvSharpExtern.so" ] || say "$opencv_note" >&2
    mkdir -p "$here/out"
    mv "$stage"/out/* "$here/out/"
    say "in $here/out"
}

if [ -e "$here/agent/mrfad.dll" ]; then on_device "$@"; else package "$@"; fi
