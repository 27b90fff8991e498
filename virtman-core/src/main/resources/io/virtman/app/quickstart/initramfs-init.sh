#!/bin/busybox sh
# First program of a quickstart guest: loads the disk driver, then hands over to the system on the
# disk. Stays awake on failure, since an ending init would make the kernel panic.
fail() {
    printf '\nVIRTMAN-GUEST-FAILED %s\n' "$1"
    while :; do busybox sleep 86400; done
}

busybox mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
while read -r module; do
    busybox insmod "/modules/$module" || fail "module $module does not load"
done </modules/order

tries=0
while [ ! -b /dev/vda ]; do
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || fail "no disk within 10 s"
    busybox usleep 50000
done
busybox mount -t ext4 -o noatime /dev/vda /root || fail "the disk does not mount"
busybox mount -o move /dev /root/dev
exec busybox switch_root /root /sbin/virtman-guest
