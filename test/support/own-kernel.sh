#!/bin/bash
# own-kernel.sh DIRECTORY USER PATTERN...: runs `npm test -- --built PATTERN...` of DIRECTORY/tree, where `npm test` has run, as USER in a kernel
# of its own (Debian package user-mode-linux), where control groups of version 2 have all controllers. Exits with 0 after a run, whose last line
# sums it up, and with 75 where there is no such kernel. Needs root. Nothing is compiled there: that kernel makes a mapping of the machine for
# nearly each page of a process and kills what needs more of them than vm.max_map_count (65530), as the compiler does.
set -euo pipefail
directory=$1 user=$2
shift 2
command -v linux.uml >/dev/null && command -v mkfs.ext4 >/dev/null || exit 75
disk=$directory/disk
trap 'rm -f "$disk"' EXIT
rm -rf "$directory/root" "$disk"
mkdir "$directory/root"
mv "$directory/tree" "$directory/root/tree"
truncate -s 3G "$disk"
mkfs.ext4 -q -d "$directory/root" "$disk" || status=75
mv "$directory/root/tree" "$directory/tree"
rmdir "$directory/root"
[ "${status:-0}" -eq 0 ] || exit 75
patterns=$(IFS=,; echo "$*")
timeout 900 linux.uml mem=3G ubd0="$disk" root=/dev/root rootfstype=hostfs rootflags=/ ro con=null con0=fd:0,fd:1 quiet \
	init="$directory/tree/test/support/own-kernel-init.sh" own_user="$user" own_tests="$patterns" own_ci="${CI:-}" </dev/null 2>/dev/null |
	tr -d '\r' | tee "$directory/own-kernel.log" || true
grep -q '^Linux ' "$directory/own-kernel.log" || exit 75
