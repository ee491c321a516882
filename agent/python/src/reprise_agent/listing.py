"""Folders that the program lists: which names came in which order, and other orders where asked."""
import os
import sys
from itertools import count

from . import derive, hold, place, settings, sink, watch
from .standin import StandIn

_getframe = sys._getframe
_MOST = 2000
_LEAVE = ("/importlib/", "/pkgutil.py", "/zipimport.py", "/pkg_resources/", "/sysconfig.py", "/site.py")
_QUIET = ("/shutil.py", "/tempfile.py")
_counters = {}
_shuffled = bool(settings.listing)
_sorted = "listing-order" in settings.levers
_reordered = _shuffled or _sorted
_salt = settings.listing.encode("utf-8", "surrogateescape")


def _caller(frame):
    """(label, user frame, file) for the code that asks, or None for the import system's own needs."""
    label = None
    while frame is not None:
        name = frame.f_code.co_filename
        file = place.user_file(frame)
        if file is not None:
            return label, frame, file
        if name.startswith("<frozen importlib") or any(part in name for part in _LEAVE):
            return None
        if place.is_stdlib(name):
            if name.endswith(_QUIET):
                return None
            if not name.endswith("/contextlib.py"):
                label = _label(name, frame.f_code.co_name)
        frame = frame.f_back
    return label, None, None


def _label(name, function):
    """What the user called: glob.glob, pathlib.iterdir, os.walk."""
    if function.startswith("select_"):
        return "pathlib.glob"  # from 3.13 on pathlib lends glob's selectors
    module = "pathlib" if "/pathlib/" in name else os.path.splitext(os.path.basename(name.strip("<>")))[0]
    return "%s.%s" % (module.replace("frozen ", ""), function.strip("_"))


def _folder(path):
    if path is None:
        path = "."
    if path.__class__ is int:
        return os.readlink("/proc/self/fd/%d" % path)
    return watch.absolute(os.fspath(path)).rstrip("/") or "/"


def _spot(frame, base):
    """(name, file, line, n) of this listing, None for the import system's own needs; file is None without user code."""
    found = _caller(frame)
    if found is None:
        return None
    label, user, file = found
    if user is None:
        return base, None, None, 0
    key = (file, user.f_lineno, label or base)
    counter = _counters.get(key)
    if counter is None:
        counter = _counters.setdefault(key, count())
    return key[2], file, key[1], next(counter)


def _emit(spot, folder, names):
    name, file, line, nth = spot
    fields = {"name": name, "p": folder, "f": file, "l": line, "n": nth, "count": len(names)}
    if len(names) <= _MOST:
        fields["names"] = names
    sink.emit("list", **fields)


def order(names):
    """The names in an order that depends on the salt and on them alone, and is not the one they came in."""
    encoded = [os.fsencode(name) for name in names]
    seed = derive.sha256(_salt + b"\0" + b"\0".join(sorted(encoded))).digest()
    ranks = {name: derive.sha256(seed + code).digest() for name, code in zip(names, encoded)}
    mixed = sorted(names, key=ranks.__getitem__)
    if mixed == list(names) and len(names) > 1:
        mixed = mixed[1:] + mixed[:1]
    return mixed


def _settle(spot, folder, names):
    """names as the caller is to see them: sorted, mixed, or as recorded."""
    if _sorted:
        names = sorted(names, key=os.fsencode)
    elif _shuffled:
        names = order(names)
    name, file, line, nth = spot
    if file is not None:
        recorded = hold.names(file, line, name, nth) if hold.active else None
        if recorded is not None:
            names = hold.reorder(names, [os.fsencode(one) if isinstance(names[0], bytes) else one for one in recorded] if names else [])
        _emit(spot, folder, [os.fsdecode(one) for one in names])
    return names


def _watched(frame, path, base):
    """(spot, folder) when the listing is of interest, else None."""
    spot = _spot(frame, base)
    if spot is None or spot[1] is None and not _reordered:
        return None
    folder = _folder(path)
    if watch._skip(folder + "/"):
        return None
    return spot, folder


class Listdir(StandIn):
    def __call__(self, path=None):
        names = self.real(path)
        try:
            found = _watched(_getframe(1), path, "os.listdir")
            if found is not None:
                names = _settle(found[0], found[1], names)
        except Exception as error:
            sink.fault("os.listdir", error)
        return names


class Scan:
    """An os.scandir iterator that tells, once it is used up or closed, what it gave."""

    def __init__(self, real, spot, folder):
        self._real, self._spot, self._folder, self._names = real, spot, folder, []

    def __iter__(self):
        return self

    def __next__(self):
        try:
            entry = next(self._real)
        except StopIteration:
            self._tell()
            raise
        if self._names is not None:
            self._names.append(os.fsdecode(entry.name))
        return entry

    def _tell(self):
        names, self._names = self._names, None
        if names is not None:
            try:
                _emit(self._spot, self._folder, names)
            except Exception as error:
                sink.fault("os.scandir", error)

    def close(self):
        self._tell()
        self._real.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Entries:
    """What os.scandir gave, in another order."""

    def __init__(self, entries):
        self._entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def close(self):
        self._entries = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Scandir(StandIn):
    def __call__(self, path=None):
        real = self.real(path)
        try:
            found = _watched(_getframe(1), path, "os.scandir")
            if found is None:
                return real
            spot, folder = found
            if not _reordered and not hold.active:
                return Scan(real, spot, folder)
        except Exception as error:
            sink.fault("os.scandir", error)
            return real
        with real:
            entries = list(real)
        try:
            by_name = {entry.name: entry for entry in entries}
            entries = [by_name[name] for name in _settle(spot, folder, list(by_name))]
        except Exception as error:
            sink.fault("os.scandir", error)
        return Entries(entries)


def after_fork():
    _counters.clear()


def patch():
    os.listdir = Listdir(os.listdir, "os")
    os.scandir = Scandir(os.scandir, "os")


def patch_pathlib(module):
    """Up to 3.10 pathlib kept the functions it had found."""
    accessor = getattr(module, "_NormalAccessor", None)
    for name in ("listdir", "scandir"):
        if accessor is not None and hasattr(accessor, name) and not isinstance(vars(accessor).get(name), StandIn):
            setattr(accessor, name, getattr(os, name))
