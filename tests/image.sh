#!/usr/bin/env bash
# Unpacks the container image and judges in it as a container does: its user, a read-only root, one volume, its environment and nothing else.
#   tests/image.sh ARCHIVE GOOD PART
#     ARCHIVE  what ./mrfad package --image wrote
#     GOOD     a folder of images of good parts
#     PART     an image to judge
# As root, with mosquitto. Namespaces take the place of a container runtime.
set -euo pipefail
die() { printf 'image: %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || die "want root, got $(id -un)"
[ $# -eq 3 ] || die "want ARCHIVE GOOD PART, got '$*'"
for program in mosquitto mosquitto_sub unshare; do command -v "$program" >/dev/null || die "$program is missing: apt-get install mosquitto mosquitto-clients util-linux"; done

stage=$(mktemp -d) processes=()
end() { [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2>/dev/null || true; rm -rf "$stage"; }
trap end EXIT
mkdir -p "$stage"/{image,root,state/incoming,state/good}
tar -xf "$1" -C "$stage/image"
for blob in "$stage"/image/blobs/sha256/*; do
    [ "$(sha256sum "$blob" | cut -d' ' -f1)" = "${blob##*/}" ] || die "$blob is not what its name says"
done
of() { grep -o "\"$1\": *{ \"mediaType\": [^}]*\|\"$1\": \[{[^}]*" "$2" | grep -o 'sha256:[0-9a-f]*' | cut -d: -f2; } # KIND FILE: its digest
manifest=$stage/image/blobs/sha256/$(grep -o 'sha256:[0-9a-f]*' "$stage/image/index.json" | cut -d: -f2)
config=$stage/image/blobs/sha256/$(of config "$manifest")
layer=$stage/image/blobs/sha256/$(of layers "$manifest")
[ "$(gzip -dc "$layer" | sha256sum | cut -d' ' -f1)" = "$(grep -o '"diff_ids": \["sha256:[0-9a-f]*' "$config" | grep -o '[0-9a-f]*$')" ] || die "the layer is not the one that the configuration names"
tar -xzf "$layer" -C "$stage/root"
user=$(sed -n 's/.*"User": "\(.*\)".*/\1/p' "$config")
mapfile -t environment < <(sed -n 's/.*"Env": \[\(.*\)\].*/\1/p' "$config" | grep -o '"[^"]*"' | tr -d '"')

port=$((20000 + RANDOM % 20000))
cp "$2"/* "$stage/state/good/"
cp "$3" "$stage/state/incoming/"
cat >"$stage/station.json" <<END
{
  "site": "plant", "line": "line1", "station": "press",
  "mqtt": { "host": "127.0.0.1", "port": $port },
  "http": { "port": 0 },
  "detector": { "bank": "/var/lib/mrfad/part.mrfbank" },
  "cameras": [ { "name": "top", "source": "folder:/var/lib/mrfad/incoming", "trigger": "interval" } ]
}
END
chmod 644 "$stage/station.json"
chown -R "$user" "$stage/state"
inside() { # ARGUMENT...: the image's program
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child bash -c '
        set -e
        root=$1 state=$2 station=$3 uid=${4%:*} gid=${4#*:}; shift 4
        touch "$root/etc/mrfad/station.json"
        mount --bind "$root" "$root"
        mount --bind "$station" "$root/etc/mrfad/station.json"
        mount --bind "$state" "$root/var/lib/mrfad"
        mount -t proc proc "$root/proc"
        mount --bind /dev "$root/dev"
        mount -o remount,ro,bind "$root"
        ! touch "$root/tmp/x" 2>/dev/null || { echo "the root can be written to" >&2; exit 1; }
        exec chroot "$root" setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs --bounding-set=-all "$@"' \
        bash "$stage/root" "$stage/state" "$stage/station.json" "$user" /usr/bin/env -i PATH=/usr/bin:/bin "${environment[@]}" /usr/lib/mrfad/agent/mrfad "$@"
}
inside learn /var/lib/mrfad/good --id part --out /var/lib/mrfad/part.mrfbank
mosquitto -p "$port" >"$stage/broker.log" 2>&1 & processes+=($!)
for _ in {1..100}; do ! mosquitto_pub -p "$port" -t ready -n 2>/dev/null || break; sleep 0.1; done
mosquitto_sub -p "$port" -t 'mrfad/v1/plant/line1/press/+/verdict' -C 1 -W 120 >"$stage/verdict" & subscriber=$!
inside run --config /etc/mrfad/station.json >"$stage/agent.log" 2>&1 & processes+=($!)
wait "$subscriber" || { tail "$stage/agent.log" >&2; die "no verdict within two minutes"; }
grep -oE '"verdict":"[A-Z]+"' "$stage/verdict"
