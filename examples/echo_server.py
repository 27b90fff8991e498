"""Serves "echo" to any oslo.messaging client: echo_server.py rabbit://user:password@host:5672/"""
import sys

from oslo_config import cfg
import oslo_messaging


class Echo(object):
    target = oslo_messaging.Target(version='1.1')

    def echo(self, context, text):
        return text

    def fail(self, context):
        raise ValueError('as you asked for')


cfg.CONF([])
server = oslo_messaging.get_rpc_server(
    oslo_messaging.get_rpc_transport(cfg.CONF, sys.argv[1]),
    oslo_messaging.Target(topic='echo', server='python'), [Echo()], executor='threading')
server.start()
print('serving topic echo', flush=True)
server.wait()
