#!/usr/bin/env bash
# Packages of the program, for machines without .NET: .deb, tarball, list of components (SBOM), checksums. Two runs on one commit give the same bytes.
#   ./mrfad package [--arch x64|arm64|all] [--out DIR] [--tarball | --image] [--opencv-version VERSION] [--agent DIR]
#     --arch            default: all
#     --out             default: out
#     --tarball         nothing but the tarball and its checksum
#     --image           a container image too, of this machine's architecture; wants root and mmdebstrap
#     --opencv-version  of the package OpenCvSharp4.runtime.linux-arm64, where the feed has it; without it arm64 has no OpenCV
#     --agent           a folder that is published already, for one architecture
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
project=$here/agent/Cli/MrfAd.Cli.csproj
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
say() { printf 'package: %s\n' "$*" >&2; }
die() { printf 'package: %s\n' "$*" >&2; exit "${code:-1}"; }

arch=all out=$here/out tarball='' image='' opencv='' agent=''
while [ $# -gt 0 ]; do
    case $1 in
        --arch) arch=${2:-}; [[ $arch =~ ^(x64|arm64|all)$ ]] || code=2 die "--arch: want x64, arm64 or all, got '$arch'"; shift ;;
        --out) out=${2:-}; [ -n "$out" ] || code=2 die "--out: want a folder"; shift ;;
        --tarball) tarball=yes ;;
        --image) image=yes ;;
        --opencv-version) opencv=${2:-}; [ -n "$opencv" ] || code=2 die "--opencv-version: want a version"; shift ;;
        --agent) agent=${2:-}; [ -e "$agent/mrfad.dll" ] || code=2 die "--agent: want a folder with a published mrfad.dll, got '$agent'"; shift ;;
        *) sed -n '3,9s/^#   //p' "${BASH_SOURCE[0]}" >&2; code=2 die "unknown argument '$1'" ;;
    esac
    shift
done
[ -z "$agent" ] || [ "$arch" != all ] || code=2 die "--agent: want --arch too, for which the folder is"
[ -z "$tarball" ] || [ -z "$image" ] || code=2 die "--tarball: want it without --image"
[ "$arch" = all ] && arches=(x64 arm64) || arches=("$arch")
case $(uname -m) in x86_64) native=x64 ;; aarch64) native=arm64 ;; *) native=none ;; esac
[ -z "$image" ] || [[ " ${arches[*]} " == *" $native "* ]] || code=2 die "--image: want --arch $native, which this machine is, got $arch"
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' "$here/Directory.Build.props")
# The time of everything in a package: the commit's.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null)} || die "there is no commit to take the time from: set SOURCE_DATE_EPOCH"
export SOURCE_DATE_EPOCH
mkdir -p "$out"
out=$(readlink -f "$out")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

publish() { # ARCH: into $stage/ARCH/agent, with NVIDIA's providers beside what is listed in mrfad.deps.json
    local options=("-p:RestoreLockedMode=true")
    [ "$1" != arm64 ] || [ -z "$opencv" ] || options=("-p:OpenCvArm64Version=$opencv")
    say "publishing for $1"
    # A build folder of its own: what was restored here for this machine stays. No path of this machine comes into the program, and no symbols:
    # the generator of log messages writes its classes in another order each time, and symbols hold what it wrote.
    dotnet publish "$project" -c Release -r "linux-$1" --self-contained -v q --nologo --artifacts-path "$stage/$1/build" -o "$stage/$1/agent" \
        -p:CudaProvider=false "-p:CudaProviderFolder=$stage/$1/agent" -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false -p:DebugType=none \
        "-p:PathMap=$here/=/mrfad/%2C$stage/$1/build/=/mrfad/build/" "${options[@]}" >&2
}

own() { # ARCH FILE COMMAND...: what the program itself writes; where it is for another kind of machine, one that is built here
    local program=$stage/$1/agent/mrfad file=$2; shift 2
    ! "$program" "$@" >"$file" 2>/dev/null || return 0
    dotnet build "$project" -c Release -v q --nologo >&2
    dotnet "$here/agent/Cli/bin/Release/net10.0/mrfad.dll" "$@" >"$file"
}

# The licences that the NuGet packages in the program carry, each in a folder of its package's name.
licences() { # AGENT FOLDER
    local packages package file
    mkdir "$2"
    packages=$(dotnet nuget locals global-packages -l | sed 's/^[^:]*: //')
    sed -nE 's|^ {4}"(runtimepack\.)?([^"/]+/[^"]+)": ?\{.*|\L\2|p' "$1/mrfad.deps.json" | sort -u | while read -r package; do
        [ -d "$packages/$package" ] || continue
        find "$packages/$package" -maxdepth 1 -iregex '.*/\(licen[cs]e\|notice\|third-?party-?notices\)[^/]*' | sort | while read -r file; do
            install -D -m 644 "$file" "$2/${package%/*}/$(basename "$file")"
        done
    done
}

# The folder that the tarball holds and that the .deb installs as /usr/lib/mrfad.
tree() { # ARCH FOLDER
    mkdir -p "$2"
    cp -r "$stage/$1/agent" "$here/devices" "$here/systemd" "$here/prometheus" "$2/"
    find "$2/agent" -name 'libonnxruntime_providers_*.so' ! -name '*_shared.so' -delete
    own "$1" "$2/version.json" upgrade describe # 'mrfad upgrade sign' reads it
    cp "$here/LICENSE" "$here/THIRD-PARTY-NOTICES.md" "$here/CHANGELOG.md" "$here/packaging/mrfad.bash-completion" "$stage/mrfad.1" "$2/"
    [ "$1" != arm64 ] || cp "$here/build-jetson.sh" "$2/"
    licences "$stage/$1/agent" "$2/licences"
    find "$2" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
    find "$2" \( -path "$2/agent/mrfad" -o -path "$2/agent/createdump" -o -name '*.sh' \) -exec chmod 755 {} +
}

components() { # ARCH FILE: CycloneDX, of NuGet's packages; .NET itself is added, which is not among them
    (cd "$here" && dotnet tool restore >&2 && dotnet tool run dotnet-CycloneDX "$project" --disable-package-restore --base-intermediate-output-path "$stage/$1/build" \
        --runtime "linux-$1" --exclude-filter Microsoft.CodeAnalysis.BannedApiAnalyzers --no-serial-number --set-name mrfad --set-version "$version" --output-format Json --output "$stage" --filename components.json >"$stage/components.log") \
        || { cat "$stage/components.log" >&2; die "the components of $1 cannot be listed"; }
    local runtime name
    runtime=$(sed -n 's/^ *"version": "\(.*\)"$/\1/p' "$stage/$1/agent/mrfad.runtimeconfig.json" | head -1)
    for name in Microsoft.AspNetCore.App Microsoft.NETCore.App; do
        sed -i "s|^  \"components\": \[\$|&\n    { \"type\": \"framework\", \"bom-ref\": \"pkg:nuget/$name.Runtime.linux-$1@$runtime\", \"name\": \"$name.Runtime.linux-$1\", \"version\": \"$runtime\", \"licenses\": [ { \"license\": { \"id\": \"MIT\" } } ], \"purl\": \"pkg:nuget/$name.Runtime.linux-$1@$runtime\" },|" "$stage/components.json"
    done
    sed "s|^    \"timestamp\": .*|    \"timestamp\": \"$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)\",|" "$stage/components.json" >"$2"
}

written=()
for one in "${arches[@]}"; do
    mkdir -p "$stage/$one"
    if [ -n "$agent" ]; then cp -r "$agent" "$stage/$one/agent"; else publish "$one"; fi
    [ -e "$stage/mrfad.1" ] || own "$one" "$stage/mrfad.1" manual
    name=mrfad-$version-linux-$one
    tree "$one" "$stage/$one/$name"
    say "packing $name"
    tar -C "$stage/$one" --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=root:0 --group=root:0 -c "$name" | gzip -n >"$out/$name.tar.gz"
    written+=("$name.tar.gz")
    [ -z "$tarball" ] || continue
    "$here/packaging/deb.sh" "$stage/$one/$name" "$stage/$one/agent" "$one" "$version" "$out" >"$stage/debs"
    mapfile -t -O ${#written[@]} written <"$stage/debs"
    [ -n "$agent" ] || { components "$one" "$out/$name.cdx.json"; written+=("$name.cdx.json"); }
done
if [ -n "$image" ]; then
    [ "$native" = x64 ] && deb=amd64 || deb=$native
    "$here/packaging/image.sh" "$out/mrfad_${version}_$deb.deb" "$out/mrfad-$version-$deb.oci.tar"
    written+=("mrfad-$version-$deb.oci.tar")
fi
(cd "$out" && sha256sum "${written[@]}" | sort -k 2 >SHA256SUMS && du -h "${written[@]}" SHA256SUMS)
