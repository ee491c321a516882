"""Answers of the network: written down by the first replay, given back in the next ones.

Loaded only when REPRISE_NET names a folder. Each process has a file of its own there, by its key; where it exists, what it
holds is given back and nobody is connected to. An answer is known by what was asked (netasked).
"""
import os
import sys
import weakref

from . import derive, netasked, netfile, process, settings, watch
from .interrupt import pass_on
from .sink import fault

_INTERNET = set()
_LOOPBACK = ("127.", "::1", "localhost")
_connections = {}  # file descriptor → Connection
_tape = None


class Connection:
    def __init__(self, owner, address):
        self.owner, self.address = weakref.ref(owner), address
        self.asked, self.listening = netasked.Asked(), False
        self.exchange = None  # of a tape that is being written: which answer this is
        self.answer = None  # of a tape that is played: what is left of it
        self.last = False  # the other side hung up then
        self.far = None

    def sent(self, data):
        if self.listening:
            self.asked, self.listening, self.exchange = netasked.Asked(), False, None
        self.asked.add(memoryview(data).cast("B"))

    def key(self):
        self.listening = True
        return self.asked.key(*self.address[:2])

    def got(self, data):
        if self.exchange is None or not self.listening:
            self.exchange = _tape.begin(self.key())
        _tape.write(self.exchange, data)

    def given(self, size):
        """The next bytes of the answer; empty at its end."""
        if self.answer is None or not self.listening:
            key = self.key()
            found = _tape.answer(key)
            if found is None:
                fault("network answers", "none was written down for %r" % (key,))
            self.answer, self.last = found or (b"", True)
        data, self.answer = self.answer[:size], self.answer[size:]
        return data


def _of(sock):
    found = _connections.get(sock.fileno())
    return found if found is not None and found.owner() is sock else None


def _mark(port):
    return os.path.join(settings.events, ".listen-%d" % port)


def _wanted(sock, address):
    """Connections of a stream to another program; not to what this run itself listens on."""
    if not isinstance(address, tuple) or len(address) < 2 or sock.family not in _INTERNET:
        return False
    return not (str(address[0]).startswith(_LOOPBACK) and os.path.exists(_mark(address[1])))


def _stand_in(module, sock):
    """A connection to ourselves takes the place of the one that is not made."""
    real = module._socket.socket
    watch._hosts.add("127.0.0.1")
    server = real(module.AF_INET, module.SOCK_STREAM)
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    near = real(module.AF_INET, module.SOCK_STREAM)
    near.connect(server.getsockname())
    descriptor, _ = server._accept()
    server.close()
    near.settimeout(sock.gettimeout())
    os.dup2(near.fileno(), sock.fileno(), False)
    near.close()
    return descriptor


def _connected(module, sock, address):
    """True when the connection is played."""
    global _tape
    if sock.type & 0xF != module.SOCK_STREAM or not _wanted(sock, address):
        return False
    if _tape is None:
        _tape = netfile.of(settings.net, derive.proc)
    old = _connections.pop(sock.fileno(), None)
    if old is not None and old.far is not None:
        os.close(old.far)
    connection = _connections[sock.fileno()] = Connection(sock, address)
    if not _tape.played:
        return False
    connection.far = _stand_in(module, sock)
    return True


def _guarded(function, *args):
    try:
        return function(*args)
    except Exception as error:
        fault("network answers", error)
        return None


def _ready(sock, connection):
    """Who waits until there is something to read must see that there is."""
    if sock.gettimeout() == 0:
        os.write(connection.far, b"\0")


def _take(module, sock, connection, size):
    data = connection.given(size)
    if sock.gettimeout() == 0 and not connection.answer and not connection.last:
        try:
            module._socket.socket.recv(sock, 65536)
        except OSError as error:
            pass_on(error)
    return data


def _connects(module, base, name):
    original = getattr(base, name)

    def connect(self, address):
        if _guarded(_connected, module, self, address):
            return 0 if name == "connect_ex" else None
        return original(self, address)

    return connect


def _sends(base, name):
    original = getattr(base, name)

    def send(self, data, *flags):
        connection = _guarded(_of, self)
        if connection is None:
            return original(self, data, *flags)
        _guarded(connection.sent, data)
        if connection.far is None:
            return original(self, data, *flags)
        _guarded(_ready, self, connection)
        return None if name == "sendall" else memoryview(data).nbytes

    return send


def _receives(module, base):
    original = base.recv

    def recv(self, size, *flags):
        connection = _guarded(_of, self)
        if connection is None or flags and flags[0]:
            return original(self, size, *flags)
        if connection.far is not None:
            return _take(module, self, connection, size)
        data = original(self, size)
        _guarded(connection.got, data)
        return data

    return recv


def _receives_into(module, base):
    original = base.recv_into

    def recv_into(self, buffer, size=0, flags=0):
        connection = _guarded(_of, self)
        if connection is None or flags:
            return original(self, buffer, size, flags)
        view = memoryview(buffer).cast("B")
        if connection.far is not None:
            data = _take(module, self, connection, size or len(view))
            view[: len(data)] = data
            return len(data)
        count = original(self, buffer, size)
        _guarded(connection.got, bytes(view[:count]))
        return count

    return recv_into


def _listens(base):
    original = base.listen

    def listen(self, *backlog):
        result = original(self, *backlog)
        try:
            if self.family in _INTERNET:
                open(_mark(self.getsockname()[1]), "w").close()
        except Exception as error:
            fault("network answers", error)
        return result

    return listen


def patch(module):
    _INTERNET.update((module.AF_INET, module.AF_INET6))
    base, cls = module._socket.socket, module.socket
    for name in ("connect", "connect_ex"):
        setattr(cls, name, _connects(module, base, name))
    for name in ("send", "sendall"):
        setattr(cls, name, _sends(base, name))
    cls.recv, cls.recv_into = _receives(module, base), _receives_into(module, base)
    cls.listen = _listens(base)
    process.on_fork(after_fork)


def after_fork():
    global _tape
    _tape = None
    _connections.clear()


def patch_ssl(module):
    """What TLS carries is written down in the clear, and given back without TLS."""
    cls = module.SSLSocket
    send, read, wrap = cls.send, cls.read, module.SSLContext.wrap_socket

    def sending(self, data, flags=0):
        connection = _guarded(_of, self)
        if connection is not None and connection.far is None and self._sslobj is not None:
            _guarded(connection.sent, data)
        return send(self, data, flags)

    def reading(self, size=1024, buffer=None):
        result = read(self, size, buffer)
        connection = _guarded(_of, self)
        if connection is not None and connection.far is None and self._sslobj is not None:
            _guarded(connection.got, result if buffer is None else bytes(memoryview(buffer).cast("B")[:result]))
        return result

    class Played(cls):
        def getpeercert(self, binary_form=False):
            return b"" if binary_form else {}

        def version(self):
            return "TLSv1.3"

        def cipher(self):
            return None

        def selected_alpn_protocol(self):
            return None

        def do_handshake(self, block=False):
            return None

    def wrapping(self, sock, *args, **kwargs):
        connection = _guarded(_of, sock)
        if connection is None:
            return wrap(self, sock, *args, **kwargs)
        if connection.far is None:
            wrapped = wrap(self, sock, *args, **kwargs)
        else:
            wrapped = Played.__new__(Played)
            timeout = sock.gettimeout()
            sys.modules["socket"].socket.__init__(wrapped, sock.family, sock.type, sock.proto, sock.detach())
            wrapped.settimeout(timeout)
            wrapped._context, wrapped._sslobj, wrapped._connected = self, None, True
            wrapped.server_side, wrapped.server_hostname = False, kwargs.get("server_hostname")
            wrapped._session, wrapped.do_handshake_on_connect, wrapped.suppress_ragged_eofs = None, False, True
        connection.owner = weakref.ref(wrapped)
        return wrapped

    cls.send, cls.read, module.SSLContext.wrap_socket = sending, reading, wrapping
