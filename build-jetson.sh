#!/usr/bin/env bash
# The agent for Jetson (linux-arm64).
#   on an x64 machine:  ./build-jetson.sh            writes out/mrfad-linux-arm64.tar.gz, having looked at what is native in it and, with qemu, started it
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

# What can be known of the package without a Jetson: all native files are for its CPU and its glibc, and the library that runs models starts.
verify() { # PACKAGE
    local file newest
    while IFS= read -r -d '' file; do
        head -c 4 "$file" | grep -q ELF || continue
        readelf -h "$file" | grep -q 'Machine: *AArch64' || die "$file is not for arm64"
        newest=$(readelf -V "$file" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -1)
        [ "$(printf '%s\n' "$newest" GLIBC_2.35 | sort -V | tail -1)" = GLIBC_2.35 ] || die "$file wants $newest, JetPack 6 has GLIBC_2.35"
        echo "build-jetson: ${file#"$1/"}: AArch64, at least $newest"
    done < <(find "$1" -type f -print0)
    if ! command -v qemu-aarch64-static >/dev/null || ! command -v aarch64-linux-gnu-gcc >/dev/null; then
        echo "build-jetson: not started, there is no emulator: apt-get install qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross libstdc++6-arm64-cross" >&2
        return
    fi
    # The library looks for its cores in /proc/cpuinfo, which is the host's even under emulation: as many of an Orin's in its place.
    local root core; root=$(mktemp -d)
    mkdir "$root/proc"
    ln -s /usr/aarch64-linux-gnu/lib "$root/lib"
    for ((core = 0; core < $(getconf _NPROCESSORS_CONF); core++)); do
        printf 'processor\t: %d\nFeatures\t: fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd42\nCPU revision\t: 1\n\n' "$core"
    done >"$root/proc/cpuinfo"
    aarch64-linux-gnu-gcc -x c -o "$root/start" - -ldl <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
struct base { const void *(*api)(unsigned); const char *(*version)(void); };
int main(int count, char **arguments) {
    void *library = dlopen(arguments[1], RTLD_NOW);
    const struct base *(*start)(void) = library ? (const struct base *(*)(void))dlsym(library, "OrtGetApiBase") : 0;
    return start ? printf("build-jetson: started under emulation: ONNX Runtime %s (the agent itself wants .NET for arm64: on the device)\n", start()->version()) < 0 : (puts(dlerror()), 1);
}
EOF
    qemu-aarch64-static -cpu cortex-a76 -L "$root" "$root/start" "$1/agent/libonnxruntime.so" || die "libonnxruntime.so does not start under emulation"
    rm -rf "$root"
}

package() {
    [ "$(uname -m)" = x86_64 ] || die "want x86_64 to package, or a Jetson's unpacked package (agent/mrfad.dll beside this script)"
    local stage; stage=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$stage'" EXIT
    "$here/mrfad" setup
    "$here/mrfad" fetch-native aarch64 "$stage"
    mkdir -p "$stage/mrfad/shim" "$here/out"
    dotnet publish "$here/agent/MrfAd.Agent.csproj" -c Release -v q --nologo -p:DependencySource=system -o "$stage/mrfad/agent"
    rm -f "$stage/mrfad/agent/mrfad" "$stage/mrfad/agent/libmrfad_opencv.so" # of this machine
    cp "$stage/libonnxruntime.so" "$stage/mrfad/agent/libonnxruntime.so"
    cp "$here/engine/Images/opencv_shim.cpp" "$stage/mrfad/shim/"
    cp -r "$here/devices" "$here/systemd" "$here/prometheus" "$here/build-jetson.sh" "$stage/mrfad/"
    verify "$stage/mrfad"
    tar -czf "$here/out/mrfad-linux-arm64.tar.gz" -C "$stage" mrfad
    echo "build-jetson: $here/out/mrfad-linux-arm64.tar.gz ($(du -h "$here/out/mrfad-linux-arm64.tar.gz" | cut -f1))"
}

if [ -e "$here/agent/mrfad.dll" ]; then on_device; else package; fi
