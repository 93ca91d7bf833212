#!/usr/bin/env bash
# Writes a container image as an OCI archive: Debian's packages that the program depends on, and its own. As root, with mmdebstrap.
#   packaging/image.sh PACKAGE ARCHIVE
# The same Debian packages give the same bytes. MIRROR, a snapshot of Debian, gives those of a day; without it there are today's, with security updates.
set -euo pipefail
die() { printf 'image: %s\n' "$*" >&2; exit 1; }
{ [ $# -eq 2 ] && [ -e "$1" ]; } || die "want PACKAGE ARCHIVE, got '$*'"
[ "$(id -u)" -eq 0 ] || die "want root, got $(id -un)"
command -v mmdebstrap >/dev/null || die "mmdebstrap is missing: apt-get install mmdebstrap"
: "${SOURCE_DATE_EPOCH:?want the time of the content, in seconds}"
package=$(readlink -f "$1") archive=$(readlink -m "$2")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

field() { sed -n "s/^$1: //p" "$stage/control"; }

bytes() { dd if="$package" iflag=skip_bytes,count_bytes skip="$1" count="$2" status=none; } # OFFSET LENGTH

control() { # the fields of the package, from its second member; the first is always "2.0\n"
    local header=$((8 + 60 + 4))
    bytes $((header + 60)) "$(bytes $((header + 48)) 10 | tr -d ' ')" | xz -dc | tar -xO ./control
}

# The user's number is always the same, so that a volume and a cluster can name it. No systemd: what makes users and folders is a package of its own.
root_file_system() {
    local depends
    depends=$(field Depends | sed -E 's/systemd \| //g; s/ \([^)]*\)//g; s/ \|[^,]*//g; s/, /,/g')
    # shellcheck disable=SC2016
    mmdebstrap --verbose --variant=essential --include="$depends,passwd" --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-include=/usr/share/doc/mrfad/*' \
        --customize-hook='chroot "$1" groupadd --system --gid 10001 mrfad' \
        --customize-hook='chroot "$1" useradd --system --uid 10001 --gid mrfad --home-dir /var/lib/mrfad --no-create-home --shell /usr/sbin/nologin mrfad' \
        --customize-hook="cp '$package' \"\$1/mrfad.deb\"" \
        --customize-hook='chroot "$1" dpkg --install /mrfad.deb' \
        --customize-hook='rm -rf "$1/mrfad.deb" "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/usr/share/icons/* "$1"/var/cache/* "$1"/var/log/* "$1"/var/lib/apt "$1"/etc/passwd- "$1"/etc/group- "$1"/etc/shadow- "$1"/etc/gshadow-' \
        bookworm "$stage/layer.tar" ${MIRROR:+"deb $MIRROR bookworm main"} >"$stage/log" 2>&1 || { tail -20 "$stage/log" >&2; die "the root file system cannot be made"; }
}

blob() { # FILE: moves it to where its digest says, and prints the digest
    local digest; digest=$(sha256sum "$1" | cut -d' ' -f1)
    mv "$1" "$stage/image/blobs/sha256/$digest"
    echo "$digest"
}

size() { stat -c %s "$stage/image/blobs/sha256/$1"; }

control >"$stage/control"
root_file_system
mkdir -p "$stage/image/blobs/sha256"
uncompressed=$(sha256sum "$stage/layer.tar" | cut -d' ' -f1)
gzip -n -1 "$stage/layer.tar"
layer=$(blob "$stage/layer.tar.gz")
cat >"$stage/config" <<END
{
  "created": "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)",
  "architecture": "$(field Architecture)",
  "os": "linux",
  "config": {
    "User": "10001:10001",
    "Entrypoint": ["/usr/lib/mrfad/agent/mrfad"],
    "Cmd": ["run", "--config", "/etc/mrfad/station.json"],
    "Env": ["MRFAD__STATE_FOLDER=/var/lib/mrfad/state", "MRFAD__EVIDENCE__FOLDER=/var/lib/mrfad/evidence", "MRFAD__HTTP__ADDRESS=0.0.0.0", "ORT_DISABLE_TELEMETRY=1", "DOTNET_EnableDiagnostics=0", "HOME=/var/lib/mrfad", "TMPDIR=/var/lib/mrfad"],
    "WorkingDir": "/var/lib/mrfad",
    "ExposedPorts": { "9464/tcp": {} },
    "Volumes": { "/var/lib/mrfad": {} },
    "StopSignal": "SIGTERM",
    "Labels": { "org.opencontainers.image.title": "mrfad", "org.opencontainers.image.version": "$(field Version)", "org.opencontainers.image.licenses": "Apache-2.0" }
  },
  "rootfs": { "type": "layers", "diff_ids": ["sha256:$uncompressed"] },
  "history": [{ "created_by": "packaging/image.sh" }]
}
END
config=$(blob "$stage/config")
cat >"$stage/manifest" <<END
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:$config", "size": $(size "$config") },
  "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:$layer", "size": $(size "$layer") }]
}
END
manifest=$(blob "$stage/manifest")
cat >"$stage/image/index.json" <<END
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [{
    "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:$manifest", "size": $(size "$manifest"),
    "annotations": { "org.opencontainers.image.ref.name": "$(field Version)", "io.containerd.image.name": "mrfad:$(field Version)" }
  }]
}
END
printf '{ "imageLayoutVersion": "1.0.0" }\n' >"$stage/image/oci-layout"
tar -C "$stage/image" --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf "$archive" blobs index.json oci-layout
