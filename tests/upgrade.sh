#!/usr/bin/env bash
# Upgrades an installed station to the package of another version in a clean Debian root: with 1,000 triggers in flight, killed at 20 points, back, removed, purged.
#   tests/upgrade.sh OLD NEW [SUITE [MIRROR]]
#     OLD     what ./mrfad package wrote of the version that is installed
#     NEW     what it wrote of the version to upgrade to
#     SUITE   default: bookworm; or a folder that has a clean root already, such as one of Ubuntu's
#     GOOD    in the environment: a folder of images of good parts; default: the demo's
# As root, with debootstrap, mosquitto and util-linux. systemd does not run in such a root: tests/systemctl takes its place. Takes half an hour.
set -euo pipefail
die() { printf 'upgrade: %s\n' "$*" >&2; exit 1; }
say() { printf '\nupgrade: %s\n' "$*"; }
[ "$(id -u)" -eq 0 ] || die "want root, got $(id -un)"
for program in debootstrap mosquitto mosquitto_sub mosquitto_pub; do command -v "$program" >/dev/null || die "$program is missing: apt-get install debootstrap mosquitto mosquitto-clients"; done
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
old=$(readlink -f "${1:?want the folder of the old packages}") new=$(readlink -f "${2:?want the folder of the new packages}") suite=${3:-bookworm} mirror=${4:-}
arch=$(dpkg --print-architecture)
deb=("$old"/mrfad_*_"$arch".deb) tarball=("$new"/mrfad-*-linux-*.tar.gz)
{ [ -e "${deb[0]}" ] && [ -e "${tarball[0]}" ]; } || die "want mrfad_VERSION_$arch.deb in $old and mrfad-VERSION-linux-ARCH.tar.gz in $new"
triggers=${TRIGGERS:-1000} good=${GOOD:-}

stage=$(mktemp -d) broker='' listener='' sent=0
root=$stage/root versions=$stage/root/var/lib/mrfad-versions
station=mrfad/v1/plant/line1/press
port=$((20000 + RANDOM % 10000)) http=$((30000 + RANDOM % 2000))
# A command that is replaced by the program itself, so that its number is the program's.
within=(chroot "$root" /usr/bin/env -i PATH=/opt/systemctl:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive UNIT=/opt/unit MRFAD_VERSIONS=/var/lib/mrfad-versions "AS=setpriv --reuid mrfad --regid mrfad --init-groups")
end() {
    stop_service
    [ -z "$listener" ] || kill "$listener" 2>/dev/null || true
    [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
    for folder in proc dev; do ! mountpoint -q "$root/$folder" || umount "$root/$folder"; done
    rm -rf "$stage"
}
trap end EXIT
files() { # without what belongs to apt, dpkg and the accounts' backups, and what this script brought
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./root -o -path ./tmp -o -path ./opt \) -prune -o -printf '%p %M %U\n') | grep -vE '^\./etc/(passwd-|shadow-|group-|gshadow-|\.pwd\.lock) ' | LC_ALL=C sort
}
start_service() { "${within[@]}" setsid /opt/systemctl/supervise /usr/lib/mrfad/systemd/launch.sh /etc/mrfad/station.json >/dev/null 2>&1 </dev/null & }
# Everything that runs in the root, at once and without a warning, as a power loss does; again, since the supervisor may have started something meanwhile.
stop_service() {
    local process round
    for round in 1 2 3; do
        for process in /proc/[0-9]*; do
            [ "$(readlink "$process/root" 2>/dev/null)" != "$root" ] || kill -KILL "${process#/proc/}" 2>/dev/null || true
        done
    done
}
healthz() { exec 3<>"/dev/tcp/127.0.0.1/$http" && printf 'GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3 && cat <&3; }
ready() { # prints the folder of the version that runs, once it is Ready and no upgrade is open
    local answer=''
    for _ in {1..1200}; do
        answer=$(healthz 2>/dev/null) || true
        if [ ! -e "$versions/journal.json" ] && grep -qE '"state":"(Ready|Running)"' <<<"$answer" && ! grep -q '"self_test":false' <<<"$answer"; then
            readlink "$versions/current" || echo packaged
            return
        fi
        sleep 0.25
    done
    tail -5 "$root/opt/unit/log" >&2
    die "no station is Ready after five minutes: $answer"
}
trigger() { # FROM TO PAUSE: parts of these numbers
    local part
    for ((part = $1; part <= $2; part++)); do echo "{\"id\":\"part-$part\"}"; sleep "$3"; done | mosquitto_pub -p "$port" -q 1 -l -t "$station/cmd/trigger"
}
some_triggers() { trigger $((sent + 1)) $((sent + 3)) 0.1; sent=$((sent + 3)); }
judged() { grep -oE '"id":"part-[0-9]+"' "$stage/verdicts" | sort -u | wc -l; }
one_verdict_each() {
    for _ in {1..600}; do [ "$(judged)" -lt "$sent" ] || break; sleep 0.5; done
    # A verdict that comes twice, as MQTT may send it, has the same id both times.
    sed -nE 's/.*"id":"([0-9a-f-]{36})".*"id":"(part-[0-9]+)".*/\2 \1/p' "$stage/verdicts" | sort -u | cut -d' ' -f1 | uniq -d >"$stage/twice"
    [ ! -s "$stage/twice" ] || die "these have several verdicts: $(head -3 "$stage/twice")"
    [ "$(judged)" -eq "$sent" ] || die "$sent triggers, $(judged) verdicts"
    echo "$sent triggers, one verdict each: $(grep -oE '"verdict":"[A-Z]+"' "$stage/verdicts" | sort | uniq -c | tr -s ' \n' ' ')"
}

say "a clean $suite"
if [ -d "$suite" ]; then cp -a "$suite" "$root"; else debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} >"$stage/log" || { tail -5 "$stage/log" >&2; die "debootstrap failed"; }; fi
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp "${deb[0]}" "$root/root/mrfad.deb"
"${within[@]}" apt-get update -qq
dpkg-deb -f "${deb[0]}" Depends | tr ',' '\n' | sed 's/ *|.*//; s/(.*)//' | xargs chroot "$root" apt-get install -y -qq --no-install-recommends >"$stage/log" 2>&1 || { tail -5 "$stage/log" >&2; die "the distribution lacks something of Depends"; }
files >"$stage/before"

say "install, learn, run"
"${within[@]}" apt-get install -y -qq --no-install-recommends /root/mrfad.deb >/dev/null
mkdir -p "$root"/var/lib/mrfad/{parts,golden/good} "$root/opt/unit"
cp -r "$here/systemctl" "$root/opt/systemctl"
if [ -n "$good" ]; then cp -r "$good" "$root/root/good"; else "${within[@]}" mrfad demo --out /root/demo --parts 8 >/dev/null; ln -s demo/line/train/good "$root/root/good"; fi
# One scale of a quarter: a verdict within some tens of milliseconds.
"${within[@]}" mrfad learn /root/good --id part --scales 0.25 --out /var/lib/mrfad/part.mrfbank >/dev/null
frame=$(find "$root/root/good/" -type f | sort | head -1)
cp "$frame" "$root/var/lib/mrfad/golden/good/"
# A folder gives each file once.
for i in $(seq -w 1 "$((triggers + 1000))"); do ln "$frame" "$root/var/lib/mrfad/parts/$i.png"; done
echo secret >"$root/root/passphrase"
"${within[@]}" mrfad bank keygen release --folder /root --passphrase-file /root/passphrase >/dev/null
install -m 644 "$root/root/release.pub" "$root/etc/mrfad/release.pub"
package=/root/$(basename "${tarball[0]}")
cp "${tarball[0]}" "$root$package"
"${within[@]}" mrfad upgrade sign "$package" --sign-key /root/release.key --passphrase-file /root/passphrase
printf 'listener %d 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n' "$port" >"$stage/mosquitto.conf"
mosquitto -c "$stage/mosquitto.conf" >"$stage/broker.log" 2>&1 & broker=$!
cat >"$root/etc/mrfad/station.json" <<END
{
  "site": "plant", "line": "line1", "station": "press",
  "mqtt": { "host": "127.0.0.1", "port": $port, "session_expiry": "1h" },
  "http": { "port": $http },
  "updates": { "program_keys": [{ "id": "release", "public_key_file": "release.pub" }], "golden_folder": "/var/lib/mrfad/golden" },
  "detector": { "bank": "/var/lib/mrfad/part.mrfbank" },
  "cameras": [{ "name": "top", "source": "folder:/var/lib/mrfad/parts", "trigger": "mqtt", "deadline": "60s", "queue_length": 64 }]
}
END
echo 'MRFAD__STATE_FOLDER=/var/lib/mrfad/state MRFAD__EVIDENCE__FOLDER=/var/lib/mrfad/evidence' >"$root/opt/unit/environment"
"${within[@]}" chown -R mrfad:mrfad /var/lib/mrfad
for _ in {1..100}; do ! mosquitto_pub -p "$port" -t ready -n 2>/dev/null || break; sleep 0.1; done
mosquitto_sub -p "$port" -q 1 -c -i upgrade-test -t "$station/+/verdict" >"$stage/verdicts" & listener=$!
start_service
base=$(ready)
echo "runs: $base"

say "upgrade with $triggers triggers in flight"
trigger 1 "$triggers" 0.15 & triggering=$!
"${within[@]}" mrfad upgrade "$package"
[ "$(ready)" != "$base" ] || die "the old version runs"
say "and back, with the rest of them"
"${within[@]}" mrfad upgrade back
[ "$(ready)" = "$base" ] || die "the new version runs"
wait "$triggering"
sent=$triggers
one_verdict_each

say "kill at 20 points"
rm -rf "$versions"
for point in {1..20}; do
    # After so many lines of the upgrade, each of which tells a step; the first ten kills end the upgrade alone, the others everything.
    steps=$(((point - 1) % 10)) line=nothing
    some_triggers
    mkfifo "$stage/steps"
    "${within[@]}" mrfad upgrade "$package" >"$stage/steps" 2>&1 & upgrading=$!
    for ((i = 0; i < steps; i++)); do IFS= read -r line || { line='its end'; break; }; done <"$stage/steps"
    kill -KILL "$upgrading" 2>/dev/null || true
    if [ "$point" -gt 10 ]; then stop_service; fi
    wait "$upgrading" 2>/dev/null || true
    rm "$stage/steps"
    if [ "$point" -gt 10 ]; then start_service; fi
    some_triggers
    runs=$(ready)
    echo "$point: killed after '$line'$([ "$point" -le 10 ] || echo ', with the station'); runs: $runs"
    [ "$runs" = "$base" ] || "${within[@]}" mrfad upgrade back >/dev/null
    [ "$(ready)" = "$base" ] || die "there is no way back"
done
one_verdict_each

say "an upgrade after all that; remove, purge"
"${within[@]}" mrfad upgrade "$package" >/dev/null
[ "$(ready)" != "$base" ] || die "the old version runs"
stop_service
"${within[@]}" apt-get remove -y -qq mrfad >/dev/null
[ ! -e "$versions" ] || die "removing left a program"
[ -e "$root/etc/mrfad/station.json" ] || die "removing took the configuration"
"${within[@]}" apt-get purge -y -qq mrfad >/dev/null
files >"$stage/after"
diff "$stage/before" "$stage/after" || die "this is left, or missing"
say "nothing is left"
