#!/bin/sh
# Runs the version of the program that is current: the one that 'mrfad upgrade' switched to, or the one beside this script.
#   launch.sh COMMAND ...
# Upgrades themselves are made by the one beside this script, which is never on trial.
here=$(dirname "$(readlink -f "$0")")/..
versions=${MRFAD_VERSIONS:-/var/lib/mrfad-versions}
program=$versions/current/agent/mrfad
case $1 in
    upgrade)
        # Before each start of the service; without an open upgrade there is nothing to do.
        [ "$2" != settle ] || [ -e "$versions/journal.json" ] || exit 0
        program= ;;
esac
if [ -x "$program" ]; then
    exec "$(readlink -f "$program")" "$@"
elif [ -e "$here/dotnet" ]; then
    exec "$here/dotnet" "$here/agent/mrfad.dll" "$@"
fi
exec "$(readlink -f "$here/agent/mrfad")" "$@"
