"""The process's own file of event lines: one write per line, whatever the program does to its descriptors."""
import os
import time
from itertools import count
from os import close as _close
from os import dup2 as _dup2
from os import fstat as _fstat
from os import getpid as _getpid
from os import open as _open
from os import write as _write

from . import settings
from .interrupt import pass_on

try:
    from _json import encode_basestring_ascii as quote
except ImportError:

    def quote(text):
        units = []
        for char in text:
            code = ord(char)
            if char in '"\\':
                units.append("\\" + char)
            elif 32 <= code < 127:
                units.append(char)
            elif code < 0x10000:
                units.append("\\u%04x" % code)
            else:
                code -= 0x10000
                units.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        return '"' + "".join(units) + '"'


_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
_HIGH = 973  # out of the way of programs that count on low numbers, below the usual limit of 1024
_fd = -1
_path = ""
_ino = _dev = 0
_tries = 0
_turns = count()
_pending = None
_waiting = []  # lines of a process whose key is not known yet
_faults = set()
_time_ns = time.time_ns


def encode(value):
    """JSON without the json module, which costs 3 ms to import."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return quote(str(value))
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value) if value - value == 0 else "null"
    if isinstance(value, dict):
        return "{" + ",".join([quote(str(key)) + ":" + encode(item) for key, item in value.items()]) + "}"
    return "[" + ",".join([encode(item) for item in value]) + "]"


def _reopen():
    global _fd, _ino, _dev, _tries, _path
    _fd = -1
    _tries += 1
    if _tries > 8:
        return False
    if not _path:
        _path = "%s/%d-%x.jsonl" % (settings.events, _getpid(), _time_ns())
    fd = _open(_path, _FLAGS, 0o600)
    try:
        _fstat(_HIGH)
    except OSError as error:
        pass_on(error)
        try:
            _dup2(fd, _HIGH, False)
            _close(fd)
            fd = _HIGH
        except OSError as error:
            pass_on(error)
    status = _fstat(fd)
    _fd, _ino, _dev = fd, status.st_ino, status.st_dev
    return True


def write(line):
    """Appends one line. A descriptor that the program closed or took over is noticed by its inode."""
    if _pending is not None:
        _waiting.append(line)
        if len(_waiting) > 100:
            flush_head()
        return
    data = line.encode("ascii", "replace")
    try:
        if _is_ours():
            _write(_fd, data)
            return
    except OSError as error:
        pass_on(error)
    try:
        if _reopen():
            _write(_fd, data)
    except Exception as error:
        pass_on(error)


def write_fast(line):
    """For the thousands of reads: nobody comes by the high number by accident, so the check may be rare."""
    if _fd == _HIGH and _pending is None and next(_turns) & 63:
        try:
            _write(_HIGH, line.encode())
            return
        except OSError as error:
            pass_on(error)
    write(line)


def _is_ours():
    if _fd < 0:
        return False
    status = _fstat(_fd)
    return status.st_ino == _ino and status.st_dev == _dev


def emit(event, /, **fields):
    write('{"e":' + quote(event) + "".join([',"%s":%s' % (name, encode(value)) for name, value in fields.items()]) + "}\n")


def fault(what, why):
    """Something of ours failed; the record says so, once, and the run goes on. What is the program's goes on its way."""
    if isinstance(why, BaseException):
        pass_on(why)
    try:
        if isinstance(why, BaseException):
            why = "%s: %s" % (type(why).__name__, why)
        key = (what, why)
        if key not in _faults and len(_faults) < 50:
            _faults.add(key)
            emit("fault", what=what, why=str(why)[:500])
    except Exception as error:
        pass_on(error)


def head(header, late=False):
    """header() gives the file's first line: now, or once the key of the process is known."""
    global _pending
    _pending = header
    if not late:
        flush_head()


def flush_head():
    global _pending
    if _pending is not None:
        header, _pending = _pending, None
        lines, _waiting[:] = list(_waiting), []
        write(header())
        for line in lines:
            write(line)


def after_fork():
    """The child leaves its parent's file alone."""
    global _fd, _tries, _pending, _path
    fd, _fd, _tries, _pending, _path = _fd, -1, 0, None, ""
    del _waiting[:]
    try:
        status = _fstat(fd)
        if status.st_ino == _ino and status.st_dev == _dev:
            _close(fd)
    except OSError as error:
        pass_on(error)
