#!/bin/bash
# Configuration files: the templates of devstack/etc with their marks replaced.
# shellcheck disable=SC2154 # dir and here are the caller's

password=testbed # of every account; nothing listens beyond loopback
keystone_url=http://127.0.0.1:5000/v3
broker_url=rabbit://openstack:$password@127.0.0.1:5672/

# keystoneauth's options for a service's account
credentials() { # USER
    cat <<END
auth_type = password
auth_url = $keystone_url
username = $1
password = $password
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
END
}

database_url() { # NAME
    echo "mysql+pymysql://openstack:$password@127.0.0.1:3306/$1?charset=utf8"
}

# A line `@credentials USER@` or `@database NAME@` becomes several; other marks are replaced.
render() { # TEMPLATE TARGET [MARK VALUE]...
    local template=$here/etc/$1 target=$2 line i
    shift 2
    set -- @DIR@ "$dir" @PASSWORD@ "$password" @BROKER@ "$broker_url" @KEYSTONE@ "$keystone_url" "$@"
    local marks=("$@")
    while IFS= read -r line; do
        case $line in
            '@credentials '*@)
                line=${line#* }
                credentials "${line%@}"
                continue
                ;;
            '@database '*@)
                line=${line#* }
                printf 'connection = %s\nmax_pool_size = 4\nmax_overflow = 120\n' \
                    "$(database_url "${line%@}")"
                continue
                ;;
        esac
        for ((i = 0; i < ${#marks[@]}; i += 2)); do
            line=${line//"${marks[i]}"/"${marks[i + 1]}"}
        done
        printf '%s\n' "$line"
    done <"$template" >"$target"
}

openrc() { # USER
    cat <<END
export OS_AUTH_URL=$keystone_url OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne
export OS_USERNAME=$1 OS_PASSWORD=$password OS_PROJECT_NAME=$1
export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default
export OS_COMPUTE_API_VERSION=2.90 OS_VOLUME_API_VERSION=3.64 OS_IMAGE_API_VERSION=2
export PYTHONWARNINGS=ignore PATH=/usr/bin:/bin:/usr/sbin:/sbin
unset REQUESTS_CA_BUNDLE CURL_CA_BUNDLE http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
END
}

write_configuration() {
    local name
    mkdir -p "$dir"/{glance/images,glance/tmp/staging,glance/tmp/tasks,nova/lock,cinder/lock,cinder/tmp}
    mkdir -p "$dir"/{neutron/lock,keystone,rabbitmq/mnesia,rabbitmq/log,etc/placement}
    for name in my.cnf rabbitmq.conf libvirtd.conf virtlogd.conf keystone.conf glance-api.conf \
        nova.conf nova-db.conf cinder.conf neutron.conf; do
        render "$name" "$dir/etc/$name"
    done
    render placement.conf "$dir/etc/placement/placement.conf"
    for name in $(compute_hosts); do
        case $name in
            libvirt-*) render nova-compute.conf "$dir/etc/$name.conf" @HOST@ "$name" @DRIVER@ libvirt.LibvirtDriver ;;
            *) render nova-compute.conf "$dir/etc/$name.conf" @HOST@ "$name" @DRIVER@ fake.FakeDriver ;;
        esac
    done
    openrc admin >"$dir/admin-openrc"
    openrc demo >"$dir/demo-openrc"
}
