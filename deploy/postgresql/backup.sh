#!/bin/sh
# Base backup and log archive of a PostgreSQL store, and their way back.
#
#   backup.sh base DIR [PG_BASEBACKUP OPTION…]   a base backup DIR/base-DATE, checked when it is complete
#   backup.sh archive DIR PATH NAME              archive_command = 'backup.sh archive DIR %p %f'
#   backup.sh fetch DIR NAME PATH                restore_command = 'backup.sh fetch DIR %f %p'
#   backup.sh restore DIR NEW-DATA [TIME]        the newest base backup and the archive as a new data folder
#   backup.sh prune DIR KEEP                     all but the KEEP newest base backups, and the log they need
#
# DIR lies on another machine (a mounted share). It holds what the store holds: keep it encrypted.
# PGBIN: the folder of pg_basebackup and its like, when they are not in PATH.
set -eu
PATH=${PGBIN:+$PGBIN:}$PATH

die() { printf 'backup.sh: %s\n' "$*" >&2; exit 1; }

# Copies a file so that it has its name only when it is whole and durable.
copy() {
    cp "$1" "$2.part"
    sync "$2.part"
    mv "$2.part" "$2"
    sync "$(dirname "$2")"
}

newest() { find "$1" -maxdepth 1 -name 'base-*' ! -name '*.part' | sort | tail -n 1; }

base() {
    dir=$1
    shift
    to=$dir/base-$(date -u +%Y%m%dT%H%M%SZ)
    mkdir -p "$dir/log"
    [ ! -e "$to" ] || die "$to is there already"
    pg_basebackup -D "$to.part" -c fast -X stream --manifest-checksums=SHA256 "$@"
    pg_verifybackup -q "$to.part"
    sync
    mv "$to.part" "$to"
    printf '%s\n' "$to"
}

# PostgreSQL asks again until this succeeds. A file that is there already must be the same.
archive() {
    to=$1/log/$3
    mkdir -p "$1/log"
    if [ -e "$to" ]; then
        cmp -s "$2" "$to" || die "$3 is archived already, with other content"
        return 0
    fi
    copy "$2" "$to"
}

fetch() {
    [ -e "$1/log/$2" ] || return 1
    cp "$1/log/$2" "$3"
}

restore() {
    from=$(newest "$1")
    [ -n "$from" ] || die "no base backup in $1"
    [ ! -e "$2" ] || die "$2 is there already"
    pg_verifybackup -q "$from"
    cp -a "$from" "$2"
    chmod 700 "$2"
    self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
    {
        printf "restore_command = 'PGBIN=%s %s fetch %s %%f %%p'\n" "${PGBIN:-}" "$self" "$1"
        printf "recovery_target_timeline = 'latest'\n"
        [ -z "${3:-}" ] || printf "recovery_target_time = '%s'\nrecovery_target_action = 'promote'\n" "$3"
    } >>"$2/postgresql.auto.conf"
    touch "$2/recovery.signal"
    printf '%s\n' "$2"
}

prune() {
    find "$1" -maxdepth 1 -name 'base-*' ! -name '*.part' | sort -r | tail -n +$(($2 + 1)) | while read -r old; do
        rm -rf "$old"
    done
    oldest=$(find "$1" -maxdepth 1 -name 'base-*' ! -name '*.part' | sort | head -n 1)
    [ -n "$oldest" ] || return 0
    # the label names the first log file that this backup needs
    first=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\)).*/\1/p' "$oldest/backup_label")
    [ -n "$first" ] || die "$oldest/backup_label does not say where its log begins"
    pg_archivecleanup "$1/log" "$first"
}

[ $# -ge 2 ] || die "see the head of this file"
what=$1
shift
case $what in
base | archive | fetch | restore | prune) "$what" "$@" ;;
*) die "unknown: $what" ;;
esac
