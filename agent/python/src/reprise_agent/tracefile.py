"""The file of a line trace: records of this process, in order, gathered and written in large pieces."""
import os
import sys
import time
from _thread import get_ident

from . import derive, settings, sink
from .interrupt import pass_on
from .sink import fault, quote

_HIGH = 974  # beside the one of the events: out of the way of programs that count on low numbers
_FULL = 1 << 16
_open, _write, _close, _fstat, _getpid = os.open, os.write, os.close, os.fstat, os.getpid
_time_ns = time.time_ns  # the clock's own, before it is wrapped
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
folder = settings.trace
_parts = []
_size = 0
_path = ""
_fd = -1
_place = None
_threads = {}  # (ident, name) → prefix
_names = {}
first_thread = get_ident()


def _reopen():
    global _fd, _place, _path
    if not _path:
        _path = "%s/%d-%x.trace" % (folder, _getpid(), _time_ns())
        put("", '{"v":1,"proc":%s}' % quote(derive.proc), first=True)
    fd = _open(_path, _FLAGS, 0o600)
    try:
        _fstat(_HIGH)
    except OSError as error:
        pass_on(error)
        try:
            os.dup2(fd, _HIGH, False)
            _close(fd)
            fd = _HIGH
        except OSError as error:
            pass_on(error)
    _fd = fd
    status = _fstat(fd)
    _place = (status.st_dev, status.st_ino)


def _is_ours():
    try:
        status = _fstat(_fd)
        return (status.st_dev, status.st_ino) == _place
    except OSError as error:
        pass_on(error)
        return False


def put(prefix, record, first=False):
    """Takes a record in: one append, so that threads cannot mix."""
    global _size
    if first:
        _parts.insert(0, record + "\n")
        return
    _parts.append(prefix + record + "\n")
    _size += len(record)
    if _size > _FULL:
        flush()


def flush():
    global _size
    _size = 0
    if sink._pending is not None or not _parts:
        return  # the key of the process is not known yet
    try:
        if _fd < 0 or not _is_ours():
            _reopen()
        count = len(_parts)
        data = "".join(_parts[:count]).encode("utf-8", "backslashreplace")
        del _parts[:count]
        while data:
            data = data[_write(_fd, data) :]
    except OSError as error:
        fault("trace", error)
        del _parts[:]


def prefix():
    """Of the thread that runs: nothing for the main one. Threads are named as the program sees them, never asked."""
    module = sys.modules.get("threading")
    if module is None:
        return ""
    ident = get_ident()
    thread = module._active.get(ident)
    if thread is module._main_thread or ident == first_thread:
        return ""
    name = getattr(thread, "__dict__", {}).get("_name")
    name = name if type(name) is str else "other"
    known = _threads.get((ident, name))
    if known is None:
        known = _threads[ident, name] = "@%d\t" % (len(_threads) + 1)
        number = _names[name] = _names.get(name, 0) + 1
        put("", "T\t%s\t%s" % (known[1:-1], quote(name if number == 1 else "%s#%d" % (name, number))))
    return known


def after_fork():
    """The child's records go into a file of its own."""
    global _path, _fd, _size, first_thread
    del _parts[:]
    _threads.clear()
    _names.clear()
    _path, _fd, _size, first_thread = "", -1, 0, get_ident()
