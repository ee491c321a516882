"""The audit hook: files, sockets and processes that Python code opens."""
import os
import sys

from . import keep, place, settings
from .sink import emit, fault, quote, write, write_fast

_getframe = sys._getframe
_getcwd = os.getcwd
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_READERS = ("/linecache.py", "/importlib/_bootstrap_external.py", "/runpy.py", "/inspect.py")
_seen = set()
_hosts = set()
_spawned = [0]


def _skipped_folders():
    roots = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    parts = ("/lib/", "/share/", "/etc/", "/bin/", "/include/")
    folders = {root + part for root in roots if root not in ("/", "/usr") for part in parts} | {settings.stdlib, "/usr/lib/", "/usr/share/zoneinfo/"}
    folders |= {"/proc/", "/sys/", "/dev/", "/etc/ld.so", os.path.dirname(settings.own_folder) + "/"}
    folders |= {folder.rstrip("/") + "/" for folder in (settings.events, settings.keep, settings.net, settings.states) if folder}
    return tuple(folders)


_SKIP = _skipped_folders()
_PROJECT = settings.project + "/"  # inside of it only the odd name is worth a second look


def _skip(path):
    return (
        path.startswith(_SKIP)
        or path.endswith(".pyc")
        or "/site-packages/" in path
        or "/dist-packages/" in path
        or "/.reprise/" in path
        or "/__pycache__/" in path
    )


def absolute(path, folder_fd=-1):
    """Where a path points, as text. Links stay; `..` and doubled slashes go."""
    if path.__class__ is not str:
        path = os.fsdecode(path)
    if path[:1] != "/":
        base = os.readlink("/proc/self/fd/%d" % folder_fd) if folder_fd >= 0 else _getcwd()
        path = base.rstrip("/") + "/" + path
    if "/." in path or "//" in path:
        path = "/" + os.path.normpath(path).lstrip("/")
    return path


def _reads_source():
    """A .py file that the import system, a traceback or inspect reads is a module, not data."""
    try:
        frame = _getframe(3)
    except ValueError:
        return True
    for _ in range(3):
        name = frame.f_code.co_filename
        if name.startswith(("<frozen ", settings.own_folder)) or name.endswith(_READERS):
            return True
        frame = frame.f_back
        if frame is None:
            break
    return False


def _is_probe(depth):
    """tempfile tries whether a folder can be written to."""
    try:
        return _getframe(depth).f_code.co_name == "_get_default_tempdir"
    except ValueError:
        return False


def _written(path, mode, flags):
    path = absolute(path)
    if not _skip(path) and not flags & _DIRECTORY:
        if mode is None:
            if flags & os.O_EXCL and _is_probe(4):
                return
            mode = "w" if flags & os.O_TRUNC else "a" if flags & os.O_APPEND else "x" if flags & os.O_EXCL else "r+"
        keep.written(path, mode)


def _opened(args):
    """The common case, a file read by its absolute path, takes the straight way down: 1 µs and the write."""
    path, mode, flags = args
    if path.__class__ is not str:
        if path.__class__ is int:
            return
        path = os.fsdecode(path)
    if flags.__class__ is int and flags & _WRITING:
        _written(path, mode, flags)
        return
    if path[:1] != "/":
        path = absolute(path)
    mark = hash(path)
    if mark in _seen:
        return
    if not path.startswith(_PROJECT) and path.startswith(_SKIP):
        return
    if "-packages/" in path or "/." in path or "//" in path or path[-3:] == ".py" or path[-4:] == ".pyc":
        path = absolute(path)
        if _skip(path) or path[-3:] == ".py" and _reads_source():
            return
    try:
        if _getframe(2).f_code.co_filename[:8] == "<frozen ":
            return
    except ValueError:
        return  # no Python code calls: the interpreter opens its main script
    if mode is None and (flags & _DIRECTORY or not os.path.isfile(path)):
        return
    _seen.add(mark)
    write_fast('{"e":"read","p":' + quote(path) + "}\n")


def _sqlite(args):
    path = os.fsdecode(args[0])
    if path.startswith("file:"):
        path = path[5:].split("?")[0]
    if path and not path.startswith(":"):
        path = absolute(path)
        if not _skip(path):
            if os.path.exists(path):
                write('{"e":"read","p":' + quote(path) + "}\n")
            keep.written(path, "sqlite")


def _remove(args):
    path = absolute(args[0], args[1] if len(args) > 1 else -1)
    if not _skip(path) and not _is_probe(3):
        keep.removed(path)


def _rename(args):
    path, target = absolute(args[0], args[2]), absolute(args[1], args[3])
    if not (_skip(path) and _skip(target)):
        keep.renamed(path, target)


def _truncate(args):
    path = args[0]
    if path.__class__ is int:
        path = os.readlink("/proc/self/fd/%d" % path)
    path = absolute(path)
    if path[:1] == "/" and not _skip(path):
        keep.written(path, "truncate")


def _network(name, host):
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("utf-8", "replace")
    if isinstance(host, str) and host and host not in _hosts:
        _hosts.add(host)
        file, line = place.where(1)
        emit("net", name=name, host=host, f=file, l=line)


def _connect(args):
    if isinstance(args[1], tuple) and args[1]:
        _network("socket.connect", args[1][0])


def _spawn(argv):
    _spawned[0] += 1
    if _spawned[0] <= 1000:
        if not isinstance(argv, (list, tuple)):
            argv = [argv]
        file, line = place.where(1)
        emit("spawn", argv=[os.fsdecode(word) for word in argv], f=file, l=line)


_HANDLERS = {
    "open": _opened,
    "sqlite3.connect": _sqlite,
    "os.remove": _remove,
    "os.rename": _rename,
    "os.truncate": _truncate,
    "socket.connect": _connect,
    "socket.getaddrinfo": lambda args: _network("socket.getaddrinfo", args[0]),
    "subprocess.Popen": lambda args: _spawn(args[1] if args[1] else args[0]),
    "os.posix_spawn": lambda args: _spawn(args[1]),
    "os.exec": lambda args: _spawn(args[1]),
    "os.system": lambda args: _spawn(args[0]),
}


def install():
    find = _HANDLERS.get

    def hook(event, args):
        handler = find(event)
        if handler is not None:
            try:
                handler(args)
            except Exception as error:
                fault("audit " + event, error)

    sys.addaudithook(hook)


def at_main(function):
    """function() once, between the compilation of the main program and its first line.

    What is loaded before could change how Python compiles the program: up to 3.11 a constant set is built once more when one of
    its strings is known by then, and two strings that want one slot change places.
    """
    texts = {"cpython.run_command": "<string>", "cpython.run_stdin": "<stdin>", "cpython.run_file": "", "cpython.run_module": ""}
    if any(word.startswith("from multiprocessing.") for word in settings.command_line()):
        texts["cpython.run_command"] = ""  # the program's own main module is compiled later
    begun = []

    def runs(args):
        name = args[0].co_filename
        if name.startswith("<"):
            if name not in begun:  # what a named tuple is made of, say
                return
        elif place.is_stdlib(name) or name.endswith(("sitecustomize.py", "usercustomize.py")):
            return
        elif not begun and place.inside(os.path.abspath(name)) is None:
            return  # where Python is built into another program, its first file of the project counts
        for event in [*texts, "exec"]:
            _HANDLERS.pop(event, None)
        function()

    for event, text in texts.items():
        _HANDLERS[event] = lambda args, text=text: begun.append(text)
    _HANDLERS["exec"] = runs
