#!/bin/bash
# Debian's packages of the test-bed, installed without starting any of their daemons.
# shellcheck disable=SC2154 # dir and the options are the caller's

wanted_packages() {
    cat <<END
keystone glance-api placement-api neutron-server cinder-api cinder-scheduler
nova-api nova-conductor nova-scheduler nova-compute nova-compute-kvm
rabbitmq-server mariadb-server memcached uwsgi-core uwsgi-plugin-python3
python3-openstackclient python3-novaclient python3-cinderclient python3-pymysql python3-pika
libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils genisoimage sudo
syslinux mtools dosfstools busybox-static cpio curl
END
}

missing_packages() {
    local package
    for package in $(wanted_packages); do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            printf '%s ' "$package"
    done
}

install_packages() {
    local missing
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    [ -n "$may_install" ] || die "packages are missing: apt-get install $missing"
    say "installing: $missing"
    (
        # No daemon may start by itself, and no package may ask for a database.
        if ! [ -e /usr/sbin/policy-rc.d ]; then
            trap 'rm -f /usr/sbin/policy-rc.d' EXIT
            printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
            chmod 755 /usr/sbin/policy-rc.d
        fi
        export DEBIAN_FRONTEND=noninteractive
        echo 'dbconfig-common dbconfig-common/dbconfig-install boolean false' |
            debconf-set-selections
        timeout 300 apt-get -q update || echo "trying with the package lists there are"
        # shellcheck disable=SC2086 # a list of names
        timeout 1500 apt-get -q -y -o DPkg::Lock::Timeout=900 -o Dpkg::Options::=--force-confold \
            install --no-install-recommends $missing
    ) >>"$dir/log/apt.log" 2>&1 </dev/null || {
        show_log apt
        die "apt-get could not install $missing"
    }
    say "packages are installed"
}
