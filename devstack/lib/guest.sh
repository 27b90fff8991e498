#!/bin/bash
# The guests' image: 24 MiB, a FAT disk with syslinux, Debian's cloud kernel and one script.
# shellcheck disable=SC2154 # dir and here are the caller's

# The last six are for the config drive, a CD.
guest_modules=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk
    scsi_common scsi_mod libata ata_piix cdrom sr_mod)

make_guest_images() {
    local work=$dir/tmp/guest
    [ ! -s "$dir/guest.qcow2" ] || return 0
    rm -rf "$work"
    mkdir -p "$work"
    build_guest_disk "$work" >>"$dir/log/guest.log" 2>&1 || {
        show_log guest
        die "could not make the guests' image"
    }
    mv "$work/disk.raw" "$dir/guest.raw"
    qemu-img convert -f raw -O qcow2 "$dir/guest.raw" "$work/disk.qcow2"
    mv "$work/disk.qcow2" "$dir/guest.qcow2"
    rm -rf "$work"
    say "the guests' image is made"
}

# Unpacks a kernel, which is not installed.
unpack_kernel() { # DIRECTORY
    local package
    package=$(apt-cache depends linux-image-cloud-amd64 |
        awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
    (cd "$1" && timeout 300 apt-get download "$package" && dpkg -x linux-image-*.deb .)
}

build_guest_disk() ( # DIRECTORY
    set -euo pipefail
    cd "$1"
    unpack_kernel .
    mkdir -p root/{bin,proc,sys,dev,lib}
    cp /bin/busybox root/bin/
    install -m 755 "$here/guest/init" root/init
    for module in "${guest_modules[@]}"; do
        find lib -name "$module.ko" -exec cp {} root/lib/ \;
    done
    (cd root && find . | cpio -o -H newc --quiet | gzip -9) >initrd.gz
    truncate -s 24M disk.raw
    mkfs.vfat -F 16 -n VIRTMAN disk.raw
    mcopy -i disk.raw boot/vmlinuz-* ::vmlinuz
    mcopy -i disk.raw initrd.gz ::initrd.gz
    mcopy -i disk.raw "$here/guest/syslinux.cfg" ::syslinux.cfg
    syslinux --install disk.raw
)
