#!/bin/sh
# One more backup of a hall, and none older than the newest so many:
#   backup.sh FOLDER KEEP
# The hall is that of $JIAOHAO_CONFIG. Where the backup fails nothing is removed.
set -eu
[ $# -eq 2 ] || { echo "usage: backup.sh FOLDER KEEP" >&2; exit 2; }
folder=$1
keep=$2
[ "$keep" -gt 0 ] || { echo "backup.sh: KEEP is a number above 0" >&2; exit 2; }

jiaohao backup "$folder/hall-$(date -u +%Y%m%d-%H%M%S).backup"

# Their names are their age; what has another name is somebody's own.
two='[0-9][0-9]'
set -- "$folder"/hall-$two$two$two$two-$two$two$two.backup
while [ $# -gt "$keep" ]; do
    rm -- "$1"
    shift
done
