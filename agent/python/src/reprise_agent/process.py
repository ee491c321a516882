"""The key of this process in the tree: the same in every replay, whatever pids and timing do."""
import os
import sys
from _thread import get_ident
from itertools import count

from . import derive, hooks, settings, sink, tracked
from .interrupt import pass_on

_VARIABLE = "REPRISE_PROC"
_parent = ""
_late = False
_forks = count()
_fork_numbers = {}  # of the thread that forks: several may at once
_setters = []


def to_be_ignored(line):
    """Helpers that are no part of the training: package tools, multiprocessing's trackers."""
    rest = line[1:]
    for at, word in enumerate(rest):
        if word == "-c":
            code = rest[at + 1] if at + 1 < len(rest) else ""
            return "resource_tracker" in code or "semaphore_tracker" in code
        if word == "-m":
            return (rest[at + 1] if at + 1 < len(rest) else "").split(".")[0] in ("pip", "ensurepip", "uv", "virtualenv", "venv")
        if not word.startswith("-"):
            name = os.path.basename(word)
            return name in ("get_interpreter_info.py", "uv") or name == "pip" or name.startswith("pip3") and "." not in name[4:5]
    return False


def _claim(key, always=False):
    """key, or key#k for the k-th process of that key: the marker file is made by one process alone."""
    for number in range(100000):
        candidate = key if number == 0 and not always else "%s#%d" % (key, number)
        name = derive.sha256(candidate.encode("utf-8", "surrogateescape")).hexdigest()[:24]
        try:
            os.close(os.open("%s/.proc-%s" % (settings.events, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            return candidate
        except FileExistsError:
            continue
        except OSError as error:
            pass_on(error)
            return candidate
    return key


def _normal(word):
    """An argument without what differs from run to run: the project's place, temporary paths, ids."""
    # In a replay links may still lead into the recorded project, and both kinds of temporary folder occur.
    for root in (settings.project, settings.remap.partition("=>")[0]):
        if root and root != "/":
            word = word.replace(root, "<project>")
    for temporary in ((os.environ.get("TMPDIR") or "/tmp").rstrip("/"), "/tmp"):
        if temporary and temporary in word:
            word = word[: word.index(temporary)] + "<tmp>"
    name = os.path.basename(word)
    if name.count("-") >= 4:
        word = word[: len(word) - len(name)].rpartition("runtime")[1] + "<id>"
    return word


def _option(line, name):
    for at, word in enumerate(line):
        if word == name and at + 1 < len(line):
            return line[at + 1]
    return None


def identify(line):
    """Sets derive.proc. True when the key is final; a spawned worker learns its name only later."""
    global _parent, _late
    _parent = os.environ.get(_VARIABLE, "")
    rank = os.environ.get("RANK") or os.environ.get("LOCAL_RANK")
    hashed = derive.sha256("\0".join(map(_normal, line[1:])).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    if not _parent:
        key = _claim("0")
        if key != "0":
            _parent = "0"
            key = _claim("0/" + hashed, always=True)
    elif "--multiprocessing-fork" in line:
        _late = True
        key = _parent + "/spawn"
    elif any("multiprocessing.forkserver" in word for word in line[1:4]):
        _late = True
        key = _claim(_parent + "/forkserver")
    elif _option(line, "--process-name"):
        key = _claim(_parent + "/" + _option(line, "--process-name"))
    elif rank and rank.isdigit() and "/rank" not in _parent:
        key = _claim(_parent + "/rank" + rank)
    else:
        key = _claim(_parent + "/" + hashed, always=True)
    _set(key)
    return not _late


def _set(key):
    derive.proc = key
    os.environ[_VARIABLE] = key


def _renamed(data):
    """A worker of multiprocessing learns its name: that is its key from here on."""
    global _late
    if not _late:
        return
    _late = False
    _set(_claim("%s/%s" % (_parent, data.get("name", "worker"))))
    tracked.reseed_untouched()
    sink.flush_head()


def _patch_spawn(module):
    original = module.prepare

    def prepare(data, *args, **kwargs):
        try:
            _renamed(data)
        except Exception as error:
            sink.fault("multiprocessing.spawn.prepare", error)
        return original(data, *args, **kwargs)

    prepare.__wrapped__ = original
    prepare.__doc__ = original.__doc__
    prepare.__module__ = original.__module__
    module.prepare = prepare


def on_fork(function):
    """Calls function() in every forked child, after its key is set."""
    _setters.append(function)


def _before_fork():
    _fork_numbers[get_ident()] = next(_forks)


def _in_child():
    global _forks
    try:
        ppid, parent = os.getppid(), derive.proc
        sink.after_fork()
        _forks = count()
        if not _late:
            _set("%s/fork%d" % (parent, _fork_numbers.get(get_ident(), 0)))
        pid, moment = os.getpid(), _now()

        def header():
            return '{"e":"fork","pid":%d,"ppid":%d,"proc":%s,"t":%r}\n' % (pid, ppid, sink.quote(derive.proc), moment)

        sink.head(header, late=_late)
        for function in _setters:
            function()
    except Exception as error:
        sink.fault("fork", error)


def _now():
    import time

    return getattr(time.time, "real", time.time)()


def watch():
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_child=_in_child)
    hooks.after("multiprocessing.spawn", _patch_spawn)


def hello(line):
    moment, argv, path, ppid = _now(), list(line), list(sys.path), os.getppid()

    def header():
        fields = {
            "e": "hello", "v": 1, "pid": os.getpid(), "ppid": ppid, "proc": derive.proc, "lang": "python",
            "version": sys.version.split()[0], "impl": sys.implementation.name, "exe": sys.executable or "",
            "prefix": sys.prefix, "base": sys.base_prefix, "argv": argv, "cwd": settings.first_cwd, "path": path, "t": moment,
        }  # fmt: skip
        return sink.encode(fields) + "\n"

    sink.head(header, late=_late)
