#!/bin/bash
# The first process of a fresh machine (machine.mjs starts it in namespaces of its own): makes a folder its root file system, as far
# as it is none yet, and runs a command there.
#
#     boot.sh TREE FOLDER [NAME=VALUE...] COMMAND [ARGUMENT...]      FOLDER: in the tree, to run the command in
#
# All that is mounted here goes with the namespace. A chroot would be less work, but nobody in one can make a user namespace.
set -euo pipefail
tree=$1 folder=$2
shift 2

mount --bind "$tree" "$tree"
cd "$tree"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=0755 tmpfs run
mkdir run/host
pivot_root . run/host
cd /
umount -l /run/host
rmdir /run/host

# This bash stays, to collect what loses its parent, as the first process of a machine does.
exec env -i /bin/bash -c 'cd "$0" && { env "$@" & wait $!; }' "$folder" "$@"
