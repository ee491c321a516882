"""Runs a function right after a module was imported for the first time, without replacing its loader."""
import sys

from . import settings
from .sink import fault

_wanted = {}


def after(name, function):
    """Calls function(module) once: now if the module is there already, else when its import ends."""
    module = sys.modules.get(name)
    if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
        _run(name, function, module)
    else:
        _wanted.setdefault(name, []).append(function)


def _run(name, function, module):
    try:
        function(module)
    except Exception as error:
        fault("after import of " + name, error)


def _wrap(loader, name):
    if isinstance(loader, type):
        raise TypeError("loader is shared: %r" % loader)
    original = loader.exec_module

    def exec_module(module):
        try:
            del loader.exec_module
        except AttributeError:
            pass
        original(module)
        for function in _wanted.pop(name, ()):
            _run(name, function, module)

    loader.exec_module = exec_module


class Finder:
    """First on sys.meta_path; answers for wanted modules only, with the spec that the others give."""

    busy = set()

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in _wanted or name in cls.busy:
            return None
        cls.busy.add(name)
        try:
            for finder in list(sys.meta_path):
                find = getattr(finder, "find_spec", None)
                if finder is cls or find is None:
                    continue
                spec = find(name, path, target)
                if spec is not None:
                    if spec.loader is not None:
                        try:
                            _wrap(spec.loader, name)
                        except Exception as error:
                            fault("import hook of " + name, error)
                    return spec
            return None
        finally:
            cls.busy.discard(name)


class Offered:
    """Last on sys.meta_path: `import reprise` finds ours where nothing else of that name is installed."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "reprise":
            return None
        from _frozen_importlib_external import PathFinder

        return PathFinder.find_spec(name, [settings.own_folder.rpartition("/")[0]])


def install():
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
        sys.meta_path.append(Offered)
