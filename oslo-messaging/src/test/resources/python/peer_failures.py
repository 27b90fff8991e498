"""Exceptions shaped like those of OpenStack services (compare cinder/exception.py)."""


class PeerError(Exception):
    """Keeps the named arguments, which oslo.messaging then sends along."""

    message = 'An unknown failure occurred.'
    code = 500

    def __init__(self, message=None, **kwargs):
        self.kwargs = dict(kwargs)
        self.kwargs.setdefault('code', self.code)
        super().__init__(message or self.message % kwargs)


class VolumeNotFound(PeerError):
    message = 'Volume %(volume_id)s could not be found.'
    code = 404


class Quota(PeerError):
    message = 'Quota exceeded for %(resource)s, Grüße \U0001f427.'
    code = 413


class NeedsTwoArguments(Exception):
    """Cannot be built again from its args alone: the caller gets RemoteError."""

    def __init__(self, first, second):
        super().__init__('%s and %s' % (first, second))


not_a_class = 'a caller that takes this for a class is wrong'


def not_an_exception(*args, **kwargs):
    """A caller that calls this because a reply named it has been fooled."""
    raise SystemExit('called by name from a reply')
