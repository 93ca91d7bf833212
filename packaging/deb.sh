#!/usr/bin/env bash
# Writes the Debian packages of one architecture, with ar's and tar's formats alone, and prints their names.
#   packaging/deb.sh TREE AGENT ARCH VERSION OUT
#     TREE   what becomes /usr/lib/mrfad (package.sh makes it)
#     AGENT  the published folder, where NVIDIA's providers are
set -euo pipefail
[ $# -eq 5 ] || { sed -n '3s/^#   /want /p' "${BASH_SOURCE[0]}" >&2; exit 2; }
tree=$1 agent=$2 version=$4 out=$5
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
[ "$3" = x64 ] && arch=amd64 || arch=$3
: "${SOURCE_DATE_EPOCH:?want the time of the packages content, in seconds}"
maintainer="${DEBFULLNAME:-MrfAd.Edge maintainers} <${DEBEMAIL:-maintainers@mrfad.example}>"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# A tenth larger than with -6, in a fifth of the time. More than one thread makes blocks: the same ones, however many there are.
pack() { tar -C "$1" --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=root:0 --group=root:0 -c . | xz -T2 -1 >"$2"; }

member() { # FILE: its header and content, in ar's format
    printf '%-16s%-12d%-6d%-6d%-8s%-10d`\n' "${1##*/}" "$SOURCE_DATE_EPOCH" 0 0 100644 "$(stat -c %s "$1")"
    cat "$1"
    [ $(($(stat -c %s "$1") % 2)) -eq 0 ] || printf '\n'
}

# Documentation that every package has.
document() { # NAME
    local folder=$stage/$1/usr/share/doc/$1
    install -d "$folder"
    {
        printf 'mrfad (%s) unstable; urgency=medium\n\n' "$version"
        printf '  * The changes are in /usr/share/doc/mrfad/CHANGELOG.md.gz.\n\n'
        printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
    } | gzip -n9 >"$folder/changelog.gz"
    {
        printf 'MrfAd.Edge is licensed under the Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0.\n'
        printf 'FFmpeg, a part of libOpenCvSharpExtern.so, is under the LGPL: /usr/share/common-licenses/LGPL-2.1.\n'
        printf 'Its parts and their licences; the texts that they carry are in /usr/share/doc/mrfad/licences:\n\n'
        cat "$tree/THIRD-PARTY-NOTICES.md"
    } >"$folder/copyright"
    install -D -m 644 "$here/debian/$1.lintian-overrides" "$stage/$1/usr/share/lintian/overrides/$1"
}

finish() { # NAME DEPENDS DESCRIPTION...: the first line of the description is its summary
    local root=$stage/$1 control=$stage/$1.control name=$1 depends=$2; shift 2
    document "$name"
    mkdir -p "$control"
    [ "$name" != mrfad ] || install -m 755 "$here"/debian/{postinst,prerm,postrm} "$control/"
    [ ! -d "$root/etc" ] || (cd "$root" && find etc -type f -printf '/%p\n' | LC_ALL=C sort) >"$control/conffiles"
    (cd "$root" && find . -type f ! -path './etc/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$control/md5sums"
    {
        printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: %s\n' "$name" "$version" "$arch" "$maintainer"
        printf 'Installed-Size: %d\n' "$(find "$root" -type f -printf '%s\n' | awk '{ total += $1 } END { print int(total / 1024) + 1 }')"
        printf 'Section: science\nPriority: optional\n'
        printf 'Depends: %s\n' "$depends"
        [ "$name" != mrfad ] || printf 'Recommends: %s\nSuggests: mosquitto, prometheus, mrfad-cuda\n' "$recommends"
        printf 'Description: %s\n' "$1"; shift
        printf ' %s\n' "$@"
    } >"$control/control"
    chmod -R u=rwX,go=rX "$control" "$root"
    [ ! -d "$root/etc" ] || find "$root/etc" -type f -exec chmod 640 {} +
    printf '2.0\n' >"$stage/debian-binary"
    pack "$control" "$stage/control.tar.xz"
    pack "$root" "$stage/data.tar.xz"
    { printf '!<arch>\n'; member "$stage/debian-binary"; member "$stage/control.tar.xz"; member "$stage/data.tar.xz"; } >"$out/${name}_${version}_$arch.deb"
    echo "${name}_${version}_$arch.deb"
}

mrfad() {
    local root=$stage/mrfad depends description=()
    install -d "$root"/usr/{bin,lib,share/bash-completion/completions,share/man/man1,share/doc/mrfad} "$root"/usr/lib/{systemd/system,sysusers.d,tmpfiles.d} "$root/etc/mrfad"
    cp -r "$tree" "$root/usr/lib/mrfad"
    ln -s ../lib/mrfad/systemd/launch.sh "$root/usr/bin/mrfad"
    mv "$root/usr/lib/mrfad/mrfad.bash-completion" "$root/usr/share/bash-completion/completions/mrfad"
    gzip -n9 <"$tree/mrfad.1" >"$root/usr/share/man/man1/mrfad.1.gz"
    install -m 644 "$tree"/systemd/mrfad{,-upgrade}.service "$root/usr/lib/systemd/system/"
    install -m 644 "$tree/systemd/mrfad.sysusers" "$root/usr/lib/sysusers.d/mrfad.conf"
    install -m 644 "$tree/systemd/mrfad.tmpfiles" "$root/usr/lib/tmpfiles.d/mrfad.conf"
    install -m 644 "$here/debian/station.json" "$root/etc/mrfad/"
    mv "$root/usr/lib/mrfad/licences" "$root/usr/share/doc/mrfad/"
    gzip -n9 <"$tree/CHANGELOG.md" >"$root/usr/share/doc/mrfad/CHANGELOG.md.gz"
    rm -rf "$root"/usr/lib/mrfad/{LICENSE,THIRD-PARTY-NOTICES.md,CHANGELOG.md,mrfad.1}

    # Names that Debian 12, Ubuntu 22.04 and 24.04 have.
    depends="libc6 (>= 2.34), libgcc-s1, libstdc++6, libssl3 | libssl3t64, ca-certificates, tzdata, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles"
    recommends="libaravis-0.8-0, libgstreamer-plugins-base1.0-0, gstreamer1.0-plugins-good"
    description=("visual inspection of parts on a production line"
        "Learns from images of good parts alone, judges every frame of its cameras,"
        "and publishes verdict and heatmap over MQTT. With .NET in it."
        "Models run on the CPU, and on NVIDIA devices with mrfad-cuda (amd64) or an"
        "ONNX Runtime that was built on the device (arm64).")
    if [ -e "$tree/agent/libOpenCvSharpExtern.so" ]; then
        depends+=", libgtk-3-0 | libgtk-3-0t64, libdrm2, libatomic1"
    else
        description+=("." "This package has no OpenCV (libOpenCvSharpExtern.so), without which no image" "is read: /usr/lib/mrfad/build-jetson.sh --opencv FILE puts one beside it.")
    fi
    finish mrfad "$depends" "${description[@]}"
}

cuda() {
    local providers; mapfile -t providers < <(find "$agent" -maxdepth 1 -name 'libonnxruntime_providers_*.so' ! -name '*_shared.so')
    [ ${#providers[@]} -gt 0 ] || return 0
    install -d "$stage/mrfad-cuda/usr/lib/mrfad/agent"
    install -m 644 -t "$stage/mrfad-cuda/usr/lib/mrfad/agent" "${providers[@]}"
    finish mrfad-cuda "mrfad (= $version), libc6 (>= 2.34), libstdc++6, libgcc-s1" "NVIDIA devices for mrfad" \
        "ONNX Runtime's providers for CUDA and TensorRT. CUDA, cuDNN and TensorRT come" \
        "from NVIDIA: 'mrfad check --libraries' says which versions, and what is" "missing."
}

mrfad
cuda
