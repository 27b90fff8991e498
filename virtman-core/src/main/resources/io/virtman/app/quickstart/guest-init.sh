#!/bin/bash
# The work of a quickstart guest: real programs off the disk, checksums of what was read, one
# private write; then one marker line, and idle for ever.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

idle() {
    while :; do busybox sleep 86400; done
}

fail() {
    printf '\nVIRTMAN-GUEST-FAILED %s\n' "$1"
    idle
}

busybox mount -t proc proc /proc || fail "no /proc"
busybox mount -t sysfs sys /sys || fail "no /sys"
busybox mount -t tmpfs run /run || fail "no /run"

name=unnamed
read -r -a words </proc/cmdline
for word in "${words[@]}"; do
    case $word in virtman.name=*) name=${word#*=} ;; esac
done
busybox hostname "$name"

# shellcheck disable=SC2012 # the point is to run ls
ls -l /usr/bin | sort -k 5n >/run/programs || fail "ls and sort do not run"
grep -q perl /run/programs || fail "the list of programs is not whole"
# shellcheck disable=SC2016 # the dollar signs are Perl's
perl -MPOSIX=strftime -MList::Util=sum -MFile::Find -e '
    my @sizes = (0);
    find(sub { push @sizes, -s _ if -f }, "/etc");
    print strftime("%F", gmtime), " ", scalar(@sizes), " files, ", sum(@sizes), " bytes\n";
' >/run/census || fail "perl does not run"

busybox sha256sum -c /opt/virtman/SHA256SUMS >/run/checked 2>&1 ||
    fail "checksums differ: $(grep -c -v ': OK$' /run/checked) files"

# Read back past the page cache, so that the bytes come from this guest's own layer.
mkdir -p /var/lib/virtman
printf '%-4095s\n' "$name" >/var/lib/virtman/name || fail "the disk is not writable"
sync
written=$(dd if=/var/lib/virtman/name iflag=direct bs=4096 2>/dev/null)
[ "${written%% *}" = "$name" ] || fail "a write was not read back"

read -r _ _ sectors _ </sys/block/vda/stat
printf '\nVIRTMAN-GUEST-READY %s sha256=ok bytes=%s\n' "$name" $((sectors * 512))
idle
