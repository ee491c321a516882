"""Whose code is calling: the nearest frame of the user's own files."""
import os
import sys

from . import interrupt, settings
from .interrupt import pass_on

_getframe = sys._getframe
_MAIN = ("__main__", "__mp_main__")
_LIBRARY = ("site-packages", "dist-packages", "node_modules", ".tox", ".nox")
_folders = {}
_files = {}  # code file name → name of the user's file (relative to the project), or None
_project = settings.project if settings.project == "/" else settings.project + "/"
OURS = tuple(os.path.join(os.path.dirname(settings.own_folder), name) + "/" for name in ("reprise_agent", "reprise", "site"))


def _is_library(folder):
    """A folder below the project that holds foreign code: an environment, installed packages."""
    known = _folders.get(folder)
    if known is None:
        if len(folder) < len(_project):
            known = False
        elif os.path.basename(folder) in _LIBRARY or os.path.exists(folder + "/pyvenv.cfg"):
            known = True
        else:
            known = _is_library(os.path.dirname(folder))
        _folders[folder] = known
    return known


def inside(path):
    """The path relative to the project, or None when it lies outside or in a library folder."""
    for candidate in (path, None):
        if candidate is None:
            candidate = os.path.realpath(path)
        if candidate.startswith(_project):
            return None if _is_library(os.path.dirname(candidate)) else candidate[len(_project):]
    return None


def _cell(name):
    """A notebook's cell: IPython knows the number, its temporary file name differs from run to run."""
    if name.startswith("<ipython-input-"):
        return "<cell %s>" % name[15:].split("-")[0]
    if not os.path.basename(os.path.dirname(name))[:10] == "ipykernel_":
        return None
    try:
        shell = sys.modules["IPython"].get_ipython()
        return "<cell %d>" % shell.compile._filename_map[name]
    except Exception as error:
        pass_on(error)
        return "<cell %s>" % os.path.basename(name)


def _is_launcher(path):
    """What starts a kernel, and commands that came with an installed package, are no code of the user's."""
    if path.endswith(("/ipykernel_launcher.py", "/ipykernel/__main__.py")):
        return True
    return os.path.dirname(path) == os.path.join(sys.prefix, "bin")


def _classify(name, frame):
    cell = _cell(name)
    if cell is not None:
        return cell
    if name.startswith("<"):
        return None
    path = os.path.abspath(os.path.join(settings.first_cwd, name))
    if path.startswith(OURS):
        return None
    relative = inside(path)
    if relative is not None:
        return relative
    return path if frame.f_globals.get("__name__") in _MAIN and not _is_launcher(path) else None


def user_file(frame):
    """Name of the user's file that the frame runs, else None."""
    name = frame.f_code.co_filename
    try:
        return _files[name]
    except KeyError:
        pass
    if name == "<string>" or name == "<stdin>":
        scope = frame.f_globals
        return name if scope.get("__name__") in _MAIN and scope.get("__file__", name) == name else None
    result = _files[name] = _classify(name, frame)
    return result


interrupt.user_file = user_file


def nearest(frame):
    """(frame, file) of the innermost user frame from here outwards, else (None, None)."""
    while frame is not None:
        file = user_file(frame)
        if file is not None:
            return frame, file
        frame = frame.f_back
    return None, None


def where(depth=1):
    """(file, line) of the nearest user frame as events have it."""
    frame, file = nearest(_getframe(depth + 1))
    return (None, None) if frame is None else (file, frame.f_lineno)


def is_stdlib(name):
    return name.startswith(settings.stdlib) and "-packages/" not in name or name.startswith("<frozen ")


def site_of(frame):
    """(site key, file, line) of a draw: the user's line, or a library's own for what it makes while it is imported."""
    if frame is None:
        return "?", None, None
    user = frame
    while user is not None:
        file = user_file(user)
        if file is not None:
            return "%s:%d:%s" % (file, user.f_lineno, user.f_code.co_name), file, user.f_lineno
        if user.f_code.co_filename.startswith("<frozen importlib"):
            break
        user = user.f_back
    return "%s:%d" % (frame.f_globals.get("__name__", "?"), frame.f_lineno), None, None
