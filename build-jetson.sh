#!/usr/bin/env bash
# The agent for Jetson (linux-arm64).
#   on an x64 machine:  ./build-jetson.sh            writes out/mrfad-linux-arm64.tar.gz
#   on the Jetson:      tar xzf mrfad-linux-arm64.tar.gz && cd mrfad && ./build-jetson.sh
#                       compiles the OpenCV shim against JetPack's OpenCV and says what is missing
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
die() { printf 'build-jetson: %s\n' "$*" >&2; exit 1; }

shim() { # SOURCE TARGET
    g++ -std=c++17 -O2 -fPIC -shared -fvisibility=hidden $(pkg-config --cflags opencv4) -o "$2" "$1" \
        -lopencv_imgcodecs -lopencv_imgproc -lopencv_videoio -lopencv_core
}

on_device() {
    local missing=()
    command -v g++ >/dev/null || missing+=("g++: apt-get install g++")
    command -v pkg-config >/dev/null || missing+=("pkg-config: apt-get install pkg-config")
    pkg-config --exists opencv4 2>/dev/null || missing+=("OpenCV with headers: apt-get install nvidia-opencv-dev (JetPack), or libopencv-dev")
    dotnet --list-runtimes 2>/dev/null | grep -q '^Microsoft.AspNetCore.App 10\.' || missing+=(".NET 10 (ASP.NET Core runtime): https://dotnet.microsoft.com/download/dotnet/10.0, linux-arm64")
    ldconfig -p | grep -q 'libmosquitto\.so\.1' || missing+=("libmosquitto: apt-get install libmosquitto1")
    ldconfig -p | grep -q 'libaravis-0\.8\.so\.0' || echo "build-jetson: for GigE Vision and USB3 Vision cameras: apt-get install libaravis-0.8-0" >&2
    if [ ${#missing[@]} -gt 0 ]; then
        printf 'build-jetson: missing on this device:\n' >&2
        printf '  %s\n' "${missing[@]}" >&2
        exit 1
    fi
    shim "$here/shim/opencv_shim.cpp" "$here/agent/libmrfad_opencv.so"
    dotnet "$here/agent/mrfad.dll" --version
    echo "build-jetson: ready: dotnet $here/agent/mrfad.dll run --config station.json"
}

package() {
    [ "$(uname -m)" = x86_64 ] || die "want x86_64 to package, or a Jetson's unpacked package (agent/mrfad.dll beside this script)"
    local stage; stage=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$stage'" EXIT
    "$here/mrfad" setup
    "$here/mrfad" fetch-native aarch64 "$stage"
    mkdir -p "$stage/mrfad/shim" "$here/out"
    dotnet publish "$here/agent/MrfAd.Agent.csproj" -c Release -v q --nologo -p:UseAppHost=false -p:DependencySource=system -o "$stage/mrfad/agent"
    rm -f "$stage/mrfad/agent/libmrfad_opencv.so"
    cp "$stage/libonnxruntime.so" "$stage/mrfad/agent/libonnxruntime.so"
    cp "$here/engine/Images/opencv_shim.cpp" "$stage/mrfad/shim/"
    cp -r "$here/devices" "$here/systemd" "$here/prometheus" "$here/build-jetson.sh" "$stage/mrfad/"
    tar -czf "$here/out/mrfad-linux-arm64.tar.gz" -C "$stage" mrfad
    echo "build-jetson: $here/out/mrfad-linux-arm64.tar.gz ($(du -h "$here/out/mrfad-linux-arm64.tar.gz" | cut -f1))"
}

if [ -e "$here/agent/mrfad.dll" ]; then on_device; else package; fi
