#!/usr/bin/env bash
# Installs the agent as a systemd service, or removes it. As root, from an unpacked package or a built checkout (./mrfad setup).
#   systemd/service.sh install   [--root DIR]            into DIR instead of / (an image, a test)
#   systemd/service.sh uninstall [--root DIR] [--purge]  --purge: configuration, banks and state go too
# Installing again updates the program; a configuration that is there is kept.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
die() { printf 'service.sh: %s\n' "$*" >&2; exit "${code:-1}"; }
usage() { sed -n '3,4s/^#   //p' "${BASH_SOURCE[0]}" >&2; code=2 die "$*"; }

action=${1:-} root='' purge=''
[ $# -eq 0 ] || shift
while [ $# -gt 0 ]; do
    case $1 in
        --root) [ -d "${2:-}" ] || usage "--root wants a folder that is there, got '${2:-}'"; root=$(readlink -f "$2"); shift ;;
        --purge) purge=yes ;;
        *) usage "unknown argument '$1'" ;;
    esac
    shift
done
[ "$root" != / ] || root=''
live() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

agent_folder() {
    local folder
    for folder in "$here/agent" "$here/agent/Cli/bin/Release/net10.0"; do
        [ ! -e "$folder/mrfad.dll" ] || { echo "$folder"; return; }
    done
    die "there is no built agent in $here: ./mrfad setup, or unpack a package"
}

install_service() {
    local agent dotnet='' new=$root/usr/lib/mrfad.new
    agent=$(agent_folder)
    # A package that has .NET in it needs none of the machine's.
    [ -e "$agent/libcoreclr.so" ] || dotnet=$(command -v dotnet) || die "the .NET 10 runtime is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
    case $(readlink -f "$dotnet") in
        /home/* | /root/*) die "$dotnet is in a home folder, which the service cannot see: install .NET for all users (/usr/share/dotnet, /usr/lib/dotnet)" ;;
    esac
    rm -rf "$new"
    install -d "$new/agent" "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d" "$root/etc/systemd/system"
    cp -r "$agent/." "$new/agent/"
    cp -r "$here/devices" "$here/systemd" "$new/"
    [ -z "$dotnet" ] || ln -s "$(readlink -f "$dotnet")" "$new/dotnet"
    ! live || ! systemctl -q is-active mrfad || { systemctl stop mrfad; trap 'systemctl start mrfad' EXIT; }
    rm -rf "$root/usr/lib/mrfad"
    mv "$new" "$root/usr/lib/mrfad"
    install -m 644 "$here/systemd/mrfad.sysusers" "$root/usr/lib/sysusers.d/mrfad.conf"
    install -m 644 "$here/systemd/mrfad.tmpfiles" "$root/usr/lib/tmpfiles.d/mrfad.conf"
    install -m 644 "$here"/systemd/mrfad{,-upgrade}.service "$root/etc/systemd/system/"
    rm -rf "$root/var/lib/mrfad-versions" # the version that is installed now is the one that runs
    [ -e "$root/etc/mrfad/station.json" ] || install -D -m 640 "$here/devices/station.example.json" "$root/etc/mrfad/station.json"
    systemd-sysusers --root="${root:-/}" mrfad.conf
    systemd-tmpfiles --root="${root:-/}" --create mrfad.conf
    systemctl --root="${root:-/}" -q enable mrfad
    ! live || systemctl daemon-reload
    echo "installed: say in $root/etc/mrfad/station.json where bank, encoder, camera and broker are, then: systemctl start mrfad"
}

uninstall_service() {
    ! live || systemctl -q disable --now mrfad 2>/dev/null || true
    systemctl --root="${root:-/}" -q disable mrfad 2>/dev/null || true
    rm -rf "$root/usr/lib/mrfad" "$root/usr/lib/sysusers.d/mrfad.conf" "$root/usr/lib/tmpfiles.d/mrfad.conf" "$root"/etc/systemd/system/mrfad{,-upgrade}.service "$root/var/lib/mrfad-versions"
    ! live || systemctl daemon-reload
    if [ -n "$purge" ]; then
        rm -rf "$root/etc/mrfad" "$root/var/lib/mrfad"
        echo "removed, with configuration, banks and state; the user mrfad stays, as files elsewhere may be its"
    else
        echo "removed; kept: $root/etc/mrfad (configuration), $root/var/lib/mrfad (banks, state). --purge removes them"
    fi
}

as_root() { [ "$(id -u)" -eq 0 ] || die "want root, got $(id -un)"; }

case $action in
    install) [ -z "$purge" ] || usage "--purge is for uninstall"; as_root; install_service ;;
    uninstall) as_root; uninstall_service ;;
    *) usage "want install or uninstall, got '$action'" ;;
esac
