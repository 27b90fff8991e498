#!/usr/bin/python3
"""Measures creates, attaches and detaches on the test-bed: what clients see of the Block Storage API,
and how long the bridge itself took.

    devstack/measure.py [--users 4] [--volumes 60] [--dir DIR]

Volumes are made of a snapshot of the image `guest` and attached to servers of Nova's fake hosts, so
that the bridge verifies each with Nova. Everything made is removed again.
"""
import argparse
import concurrent.futures
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request

LIMIT = 300


class Cloud:
    """The REST interfaces, with one token of the account `admin`."""

    def __init__(self, directory):
        text = open(os.path.join(directory, 'admin-openrc')).read()
        env = dict(re.findall(r'(OS_\w+)=(\S+)', text))
        body = {'auth': {
            'identity': {'methods': ['password'], 'password': {'user': {
                'name': env['OS_USERNAME'], 'password': env['OS_PASSWORD'],
                'domain': {'name': env.get('OS_USER_DOMAIN_NAME', 'Default')}}}},
            'scope': {'project': {'name': env['OS_PROJECT_NAME'],
                                  'domain': {'name': env.get('OS_PROJECT_DOMAIN_NAME', 'Default')}}}}}
        self.token = None
        answer, headers = self.call('POST', env['OS_AUTH_URL'].rstrip('/') + '/auth/tokens', body)
        self.token = headers['X-Subject-Token']
        self.endpoints = {
            service['type']: next(e['url'] for e in service['endpoints'] if e['interface'] == 'public')
            for service in answer['token']['catalog']}

    def call(self, method, url, body=None):
        headers = {'Content-Type': 'application/json', 'OpenStack-API-Version': 'volume 3.64',
                   'X-OpenStack-Nova-API-Version': '2.90'}
        if self.token:
            headers['X-Auth-Token'] = self.token
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as response:
                text = response.read()
                return json.loads(text) if text else {}, response.headers
        except urllib.error.HTTPError as e:
            raise SystemExit('%s %s: %s %s' % (method, url, e.code, e.read()[:500])) from e

    def volumes(self, method, path, body=None):
        return self.call(method, self.endpoints['volumev3'].rstrip('/') + '/' + path, body)[0]

    def compute(self, method, path, body=None):
        return self.call(method, self.endpoints['compute'].rstrip('/') + '/' + path, body)[0]

    def image(self, name):
        url = self.endpoints['image'].rstrip('/') + '/v2/images?name=' + name
        return self.call('GET', url)[0]['images'][0]['id']


def until(what, question):
    end = time.monotonic() + LIMIT
    while not question():
        if time.monotonic() > end:
            raise SystemExit('not in time: ' + what)
        time.sleep(0.2)


def together(users, items, work):
    """Does it for all items, so many at a time; the times in milliseconds."""
    def timed(item):
        began = time.monotonic()
        result = work(item)
        return result, (time.monotonic() - began) * 1000
    with concurrent.futures.ThreadPoolExecutor(users) as pool:
        done = list(pool.map(timed, items))
    return [result for result, _ in done], sorted(took for _, took in done)


def percentiles(times):
    def at(share):
        return times[max(0, -(-len(times) * share // 100) - 1)]
    return 'p50 %6.0f   p99 %6.0f   max %6.0f ms' % (at(50), at(99), at(100))


METHODS = ('journal', 'create_volume', 'attachment_update', 'verify_instance_host', 'attachment_delete')


def bridge():
    """What the bridge says of its requests since its start: counts up to each bound, sum, count; in milliseconds."""
    page = urllib.request.urlopen('http://127.0.0.1:7480/metrics', timeout=10).read().decode()
    found = {method: {'sum': 0.0, 'count': 0, 'within': {}} for method in METHODS}
    for suffix, method, bound, value in re.findall(
            r'request_seconds_(sum|count|bucket)\{method="(\w+)"(?:,le="([\d.]+)")?\} ([\d.]+)', page):
        if method in found and suffix == 'bucket':
            found[method]['within'][float(bound) * 1000] = int(value)
        elif method in found:
            found[method][suffix] = float(value) * 1000 if suffix == 'sum' else int(value)
    return found


def quantile(share, counts, total):
    """As Prometheus' histogram_quantile: linear within the bucket."""
    lower, below = 0.0, 0
    for bound in sorted(counts):
        if counts[bound] >= share * total:
            return lower + (bound - lower) * (share * total - below) / (counts[bound] - below)
        lower, below = bound, counts[bound]
    return lower


def report(before, after):
    spent = {method: after[method]['sum'] - before[method]['sum'] for method in METHODS}
    done = {method: after[method]['count'] - before[method]['count'] for method in METHODS}
    for method in METHODS:
        if done[method]:
            counts = {bound: count - before[method]['within'].get(bound, 0)
                      for bound, count in after[method]['within'].items()}
            print('bridge: %-20s mean %6.1f   p50 %6.1f   p99 %6.1f ms' % (
                method, spent[method] / done[method],
                quantile(0.5, counts, done[method]), quantile(0.99, counts, done[method])))
            if method == 'create_volume':
                print('bridge: %d of %d creations took at most 5 ms' % (counts[5], done[method]))
    if done['attachment_update']:
        print('bridge: attachment_update without verify_instance_host, mean %.1f ms' % (
            (spent['attachment_update'] - spent['verify_instance_host']) / done['attachment_update']))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--users', type=int, default=4, help='how many at a time')
    parser.add_argument('--volumes', type=int, default=60)
    parser.add_argument('--dir', default='/var/tmp/virtman-testbed')
    arguments = parser.parse_args()
    cloud = Cloud(arguments.dir)
    made, roots, servers, snapshot = [], [], [], None

    def volume(**fields):
        made.append(cloud.volumes('POST', 'volumes', {'volume': dict(fields, size=1)})['volume']['id'])
        return made[-1]

    def status(kind, item):
        found = cloud.volumes('GET', kind + 's/' + item)[kind]['status']
        if found.startswith('error'):
            raise SystemExit('%s %s is %s' % (kind, item, found))
        return found

    def available(item):
        until(item, lambda: status('volume', item) == 'available')

    try:
        base = volume(name='measure-base', imageRef=cloud.image('guest'))
        available(base)
        snapshot = cloud.volumes('POST', 'snapshots', {
            'snapshot': {'volume_id': base, 'name': 'measure'}})['snapshot']['id']
        until('the snapshot', lambda: status('snapshot', snapshot) == 'available')
        flavour = next(f['id'] for f in cloud.compute('GET', 'flavors')['flavors'] if f['name'] == 't.tiny')
        hosts = [h for h in ('fake-1', 'fake-2', 'fake-3', 'fake-4')]
        for host in hosts:
            root = volume(name='measure-root', imageRef=cloud.image('guest'))
            roots.append(root)
            available(root)
            servers.append(cloud.compute('POST', 'servers', {'server': {
                'name': 'measure-' + host, 'flavorRef': flavour, 'networks': 'none', 'host': host,
                'block_device_mapping_v2': [{'uuid': root, 'source_type': 'volume', 'boot_index': 0,
                                             'destination_type': 'volume'}]}})['server']['id'])
        for server in servers:
            until(server, lambda: cloud.compute('GET', 'servers/' + server)['server']['status'] == 'ACTIVE')

        before = bridge()
        many, creates = together(arguments.users, range(arguments.volumes), lambda i: volume(
            name='measure-%d' % i, snapshot_id=snapshot))
        for item in many:
            available(item)

        def attach(i):
            attachment = cloud.volumes('POST', 'attachments', {'attachment': {
                'volume_uuid': many[i], 'instance_uuid': servers[i % 4]}})['attachment']['id']
            began = time.monotonic()
            cloud.volumes('PUT', 'attachments/' + attachment, {'attachment': {'connector': {
                'host': hosts[i % 4], 'mountpoint': '/dev/vdb'}}})
            return attachment, (time.monotonic() - began) * 1000
        attached, _ = together(arguments.users, range(arguments.volumes), attach)
        puts = sorted(took for _, took in attached)
        _, detaches = together(arguments.users, [a for a, _ in attached],
                               lambda a: cloud.volumes('DELETE', 'attachments/' + a))
        print('%d volumes, %d at a time' % (arguments.volumes, arguments.users))
        print('client: POST volumes         ' + percentiles(creates))
        print('client: PUT attachments      ' + percentiles(puts))
        print('client: DELETE attachments   ' + percentiles(detaches))
        report(before, bridge())
    finally:
        for attachment in cloud.volumes('GET', 'attachments')['attachments']:
            if attachment['volume_id'] in made and attachment['instance'] in servers:
                if attachment['volume_id'] not in roots:
                    cloud.volumes('DELETE', 'attachments/' + attachment['id'])
        for server in servers:
            cloud.compute('DELETE', 'servers/' + server)
        for server in servers:
            until('servers are gone', lambda: server not in [
                s['id'] for s in cloud.compute('GET', 'servers')['servers']])
        if snapshot:
            cloud.volumes('DELETE', 'snapshots/' + snapshot)
            until('the snapshot is gone', lambda: snapshot not in [
                s['id'] for s in cloud.volumes('GET', 'snapshots')['snapshots']])
        for item in made:
            cloud.volumes('DELETE', 'volumes/' + item)


if __name__ == '__main__':
    sys.exit(main())
