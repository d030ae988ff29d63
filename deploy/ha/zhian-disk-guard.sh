#!/bin/sh
# Hands the primary's place to the standby while its disk is nearly full: PostgreSQL answers writes with
# an error then and keeps its place. Runs beside Patroni (zhian-disk-guard.service).
#
#   zhian-disk-guard.sh PATRONI.yml FOLDER LEAST_MB [SECONDS]
set -u
config=$1
folder=$2
least=$3
pause=${4:-5}

name=$(sed -n 's/^name: *"*\([^"]*\)"*$/\1/p' "$config")
rest=$(sed -n 's/^  connect_address: *"*\([^"]*\)"*$/\1/p' "$config" | head -n 1)

primary() { curl -sf -o /dev/null -m 2 "http://$rest/primary"; }

while sleep "$pause"; do
    free=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
    [ "${free:-$least}" -lt "$least" ] || continue
    primary || continue
    echo "$name: $free MB left in $folder; the standby takes over"
    timeout 60 patronictl -c "$config" switchover --master "$name" --force zhian
    sleep 30 # not there and back while both are full
done
