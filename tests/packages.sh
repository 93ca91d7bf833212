#!/usr/bin/env bash
# Installs the packages into a clean Debian root, learns and judges there, removes and purges them, and compares what is left with what was before.
#   tests/packages.sh OUT [IMAGES] [SUITE [MIRROR]]
#     OUT     what ./mrfad package wrote
#     IMAGES  a folder in MVTec AD's layout (train/good, test/good and others); default: generated parts
#     SUITE   default: bookworm; or a folder that has a clean root already, such as one of Ubuntu's
# As root, with debootstrap, lintian and mosquitto. Takes minutes.
set -euo pipefail
die() { printf 'packages: %s\n' "$*" >&2; exit 1; }
say() { printf '\npackages: %s\n' "$*"; }
[ "$(id -u)" -eq 0 ] || die "want root, got $(id -un)"
for program in debootstrap lintian mosquitto mosquitto_sub; do command -v "$program" >/dev/null || die "$program is missing: apt-get install debootstrap lintian mosquitto mosquitto-clients"; done
out=$(readlink -f "${1:?want the folder that ./mrfad package wrote}") images=${2:-} suite=${3:-bookworm} mirror=${4:-}
arch=$(dpkg --print-architecture)
packages=("$out"/mrfad_*_"$arch".deb)
[ -e "${packages[0]}" ] || die "want mrfad_VERSION_$arch.deb in $out"

stage=$(mktemp -d) broker=''
root=$stage/root
end() {
    [ -z "$broker" ] || kill "$broker"
    for folder in proc dev; do ! mountpoint -q "$root/$folder" || umount "$root/$folder"; done
    rm -rf "$stage"
}
trap end EXIT
within() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
files() { # without what belongs to apt, dpkg and the accounts' backups, and the sockets that .NET leaves in /tmp
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./root -o -path ./tmp \) -prune -o -printf '%p %M %U\n') | grep -vE '^\./etc/(passwd-|shadow-|group-|gshadow-|\.pwd\.lock) ' | LC_ALL=C sort
}
state_of() { files >"$stage/$1"; cp "$root/etc/passwd" "$stage/$1.passwd"; cp "$root/etc/group" "$stage/$1.group"; }

say "lintian"
lintian --allow-root --fail-on error "$out"/mrfad*_"$arch".deb
for package in "$out"/mrfad*_"$arch".deb; do
    ! dpkg-deb -c "$package" | grep -E '^[-d].{7}w' || die "$package: others may write these"
    ! dpkg-deb -c "$package" | grep -iE '\.(key|pem|p12|pfx)$|/token|password' || die "$package: these look like secrets"
done

say "a clean $suite"
if [ -d "$suite" ]; then
    cp -a "$suite" "$root"
else
    debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} >"$stage/log" || { tail -5 "$stage/log" >&2; die "debootstrap failed"; }
fi
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
# What the package wants of the distribution stays when it is removed: it is installed first.
cp "${packages[0]}" "$root/root/mrfad.deb"
within apt-get update -qq
dpkg-deb -f "${packages[0]}" Depends | tr ',' '\n' | sed 's/ *|.*//; s/(.*)//' | xargs chroot "$root" apt-get install -y -qq --no-install-recommends >"$stage/log" 2>&1 || { tail -5 "$stage/log" >&2; die "the distribution lacks something of Depends"; }
state_of before

say "install"
start=$(date +%s)
within apt-get install -y -qq --no-install-recommends /root/mrfad.deb
[ -e "$root/etc/systemd/system/multi-user.target.wants/mrfad.service" ] || [ -L "$root/etc/systemd/system/multi-user.target.wants/mrfad.service" ] || die "the service is not enabled"
within mrfad check --libraries || true # GStreamer and Aravis are recommended alone
code=0; within setpriv --reuid mrfad --regid mrfad --clear-groups mrfad run --config /etc/mrfad/station.json || code=$?
[ "$code" -ne 0 ] || die "the example configuration is usable unchanged"

say "first verdict"
if [ -n "$images" ]; then
    cp -r "$images" "$root/root/parts"
    good=/root/parts/train/good
    mkdir "$root/var/lib/mrfad/incoming"
    find "$root/root/parts/test" -type f -path '*/good/*' | sort | head -1 | xargs -I{} cp {} "$root/var/lib/mrfad/incoming/1-good.png"
    find "$root/root/parts/test" -type f ! -path '*/good/*' | sort | head -1 | xargs -I{} cp {} "$root/var/lib/mrfad/incoming/2-defect.png"
else
    within mrfad demo --out /root/demo --parts 8 >/dev/null
    good=/root/demo/line/train/good
    mkdir "$root/var/lib/mrfad/incoming"
    find "$root/root/demo/frames" -name '*.png' | sort | head -2 | xargs cp -t "$root/var/lib/mrfad/incoming"
fi
within mrfad learn "$good" --id part --out /var/lib/mrfad/part.mrfbank
port=$((20000 + RANDOM % 20000))
mosquitto -p "$port" >"$stage/broker.log" 2>&1 & broker=$!
cat >"$root/etc/mrfad/station.json" <<END
{
  "site": "plant", "line": "line1", "station": "press",
  "mqtt": { "host": "127.0.0.1", "port": $port },
  "http": { "port": 0 },
  "detector": { "bank": "/var/lib/mrfad/part.mrfbank" },
  "cameras": [ { "name": "top", "source": "folder:/var/lib/mrfad/incoming", "trigger": "interval" } ]
}
END
within chown -R mrfad /var/lib/mrfad
within mrfad check --config /etc/mrfad/station.json
for _ in {1..100}; do ! mosquitto_pub -p "$port" -t ready -n 2>/dev/null || break; sleep 0.1; done
mosquitto_sub -p "$port" -t 'mrfad/v1/plant/line1/press/+/verdict' -C 2 -W 120 >"$stage/verdicts" & subscriber=$!
env MRFAD__STATE_FOLDER=/var/lib/mrfad/state chroot --userspec=mrfad:mrfad "$root" /usr/bin/mrfad run --config /etc/mrfad/station.json >"$stage/agent.log" 2>&1 & agent=$!
wait "$subscriber" || { tail "$stage/agent.log" >&2; kill "$agent"; die "no verdict within two minutes"; }
kill "$agent"
wait "$agent" || die "the agent ended with $?"
grep -oE '"verdict":"[A-Z]+"' "$stage/verdicts"
say "from installation to two verdicts, learning included: $(($(date +%s) - start)) s"

say "installing again keeps the configuration"
sum=$(sha256sum <"$root/etc/mrfad/station.json")
within apt-get install -y -qq --no-install-recommends --reinstall /root/mrfad.deb
[ "$sum" = "$(sha256sum <"$root/etc/mrfad/station.json")" ] || die "the configuration was replaced"

say "remove, purge"
within apt-get remove -y -qq mrfad
for kept in etc/mrfad/station.json var/lib/mrfad/part.mrfbank; do [ -e "$root/$kept" ] || die "removing took $kept"; done
within apt-get purge -y -qq mrfad
state_of after
for kind in '' .passwd .group; do diff "$stage/before$kind" "$stage/after$kind" || die "this is left, or missing"; done
say "nothing is left"
