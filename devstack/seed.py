#!/usr/bin/python3
"""Fills a fresh test-bed: accounts and endpoints, or flavours, volume type and images.

Usage: seed.py identity|catalogue KEYSTONE-URL PASSWORD DIR. It may be run again.
"""
import os
import sys
import time

import openstack

SERVICES = [
    ('glance', 'image', 'http://127.0.0.1:9292'),
    ('placement', 'placement', 'http://127.0.0.1:8778'),
    ('nova', 'compute', 'http://127.0.0.1:8774/v2.1'),
    ('cinderv3', 'volumev3', 'http://127.0.0.1:8776/v3/%(project_id)s'),
    ('neutron', 'network', 'http://127.0.0.1:9696'),
]
SERVICE_USERS = {name: ('admin', 'service') for name in ('glance', 'placement', 'nova', 'cinder', 'neutron')}
SERVICE_USERS['virtman'] = ('admin',)
FLAVOURS = [('t.tiny', 96, 0), ('t.small', 256, 1)]
IMAGES = [('guest', 'raw'), ('guest-qcow2', 'qcow2')]


def identity(cloud, password, _):
    keystone = cloud.identity
    roles = {name: keystone.find_role(name) or keystone.create_role(name=name)
             for name in ('admin', 'service', 'member', 'reader')}
    service = project(keystone, 'service')
    for name, its_roles in SERVICE_USERS.items():
        account = user(keystone, name, password)
        for role in its_roles:
            keystone.assign_project_role_to_user(service, account, roles[role])
    keystone.assign_project_role_to_user(
        project(keystone, 'demo'), user(keystone, 'demo', password), roles['member'])
    for name, kind, url in SERVICES:
        entry = keystone.find_service(name) or keystone.create_service(name=name, type=kind)
        have = {endpoint.interface for endpoint in keystone.endpoints(service_id=entry.id)}
        for interface in {'public', 'internal', 'admin'} - have:
            keystone.create_endpoint(
                service_id=entry.id, interface=interface, url=url, region_id='RegionOne')


def project(keystone, name):
    return keystone.find_project(name) or keystone.create_project(name=name, domain_id='default')


def user(keystone, name, password):
    return keystone.find_user(name) or keystone.create_user(
        name=name, password=password, domain_id='default')


def catalogue(cloud, _, directory):
    for name, ram, disk in FLAVOURS:
        if not cloud.compute.find_flavor(name):
            cloud.compute.create_flavor(name=name, ram=ram, vcpus=1, disk=disk)
    if not cloud.block_storage.find_type('virtman'):
        cloud.block_storage.create_type(
            name='virtman', extra_specs={'volume_backend_name': 'virtman'})
    for name, disk_format in IMAGES:
        if not cloud.image.find_image(name):
            upload(cloud.image, name, disk_format, os.path.join(directory, 'guest.' + disk_format))


def upload(glance, name, disk_format, path):
    with open(path, 'rb') as file:
        image = glance.create_image(
            name=name, data=file.read(), disk_format=disk_format, container_format='bare',
            visibility='public', validate_checksum=False, wait=True)
    for _ in range(60):
        if glance.get_image(image.id).status == 'active':
            return
        time.sleep(0.5)
    sys.exit('image %s did not become active' % name)


def main():
    part, url, password, directory = sys.argv[1:]
    cloud = openstack.connect(
        auth_url=url, username='admin', password=password, project_name='admin',
        user_domain_name='Default', project_domain_name='Default', region_name='RegionOne',
        identity_api_version='3')
    {'identity': identity, 'catalogue': catalogue}[part](cloud, password, directory)


main()
