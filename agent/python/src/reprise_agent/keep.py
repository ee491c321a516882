"""What the program is about to change: whether it was there before the run, and its old content."""
import os
from itertools import count
from os import stat as _stat

from . import settings
from .interrupt import pass_on
from .sink import emit

_touched = set()
_renamed = set()
_removed = set()
_numbers = count()
_project = settings.project.rstrip("/") + "/"
_start_ns = int(settings.start * 1e9)
_MOST_OUTSIDE = 16 * 1024 * 1024
_left = [4 * _MOST_OUTSIDE]  # so much of the files outside the project is copied in all: results of old runs are many
_LEAVE = ("/__pycache__/", "/.git/", "/.reprise/")


def _before_run(path):
    """The stat of a file that the run has not made; else None. ctime cannot be set back by a program."""
    try:
        status = _stat(path)
    except OSError as error:
        pass_on(error)
        return None
    if status.st_mode & 0o170000 != 0o100000 or status.st_ctime_ns >= _start_ns:
        return None
    return status


def _copy(path, status):
    """{"kept": name} or {"lost": reason}, {} where nothing is asked for: much outside the project."""
    if not settings.keep or any(part in path for part in _LEAVE):
        return {}
    if not path.startswith(_project):
        if status.st_size > min(_MOST_OUTSIDE, _left[0]):
            return {}
        _left[0] -= max(status.st_size, 4096)
    if status.st_size > settings.keep_max:
        return {"lost": "larger than %d bytes" % settings.keep_max}
    name = "%d-%d" % (os.getpid(), next(_numbers))
    target = settings.keep + "/" + name
    source = out = -1
    try:
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        _pour(source, out, status.st_size)
        return {"kept": name}
    except OSError as error:
        pass_on(error)
        return {"lost": error.strerror or str(error)}
    finally:
        for fd in (source, out):
            if fd >= 0:
                os.close(fd)


def _pour(source, out, size):
    method = getattr(os, "copy_file_range", None)
    done = 0
    while done < size:
        if method is None:
            data = os.read(source, 1 << 20)
            moved = os.write(out, data) if data else 0
            while data and moved < len(data):
                moved += os.write(out, data[moved:])
        else:
            try:
                moved = method(source, out, size - done)
            except OSError as error:
                pass_on(error)
                method = None
                continue
        if moved == 0:
            break
        done += moved


def _first(path):
    mark = hash(path)
    if mark in _touched:
        return False
    _touched.add(mark)
    return True


def written(path, mode):
    if _first(path):
        status = _before_run(path)
        emit("write", p=path, m=mode, existed=status is not None, **(_copy(path, status) if status else {}))


def removed(path):
    first = _first(path)
    if first or hash(path) not in _removed:
        _removed.add(hash(path))
        status = _before_run(path) if first else None
        emit("remove", p=path, **(_copy(path, status) if status else {}))


def renamed(path, target):
    pair = hash((path, target))
    if pair in _renamed:
        return
    _renamed.add(pair)
    if _first(path):
        status = _before_run(path)
        if status is not None:
            emit("remove", p=path, **_copy(path, status))
    first = _first(target)
    status = _before_run(target) if first else None
    emit("rename", p=path, to=target, existed=status is not None, **(_copy(target, status) if status else {}))
