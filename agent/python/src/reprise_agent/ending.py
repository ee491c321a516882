"""The last lines of a process: what was drawn unseeded, which modules and libraries were there."""
import atexit
import os
import sys

from . import place, settings, tracked
from .interrupt import pass_on
from .sink import emit, fault, flush_head

_done_by = 0
first = []  # functions to call before draws are told
last = []  # functions to call before the end line


def _modules():
    """Every module file of the project, and one for each package outside the standard library."""
    mine, foreign = [], {}
    for name, module in list(sys.modules.items()):
        scope = getattr(module, "__dict__", {})
        # The interpreter takes __file__ away from a script that has ended.
        file = scope.get("__file__") or (getattr(scope.get("__loader__"), "path", None) if name == "__main__" else None)
        if not isinstance(file, str) or file.startswith(place.OURS) or place.is_stdlib(file):
            continue
        path = os.path.abspath(os.path.join(settings.first_cwd, file))
        if name == "sitecustomize":
            continue
        if place.inside(path) is not None or name == "__main__":
            mine.append((name, path))
        else:
            top = name.partition(".")[0]
            if top not in foreign or name == top:
                foreign[top] = path
    return mine + sorted(foreign.items())


def _maps():
    paths = {}
    try:
        with open("/proc/self/maps", errors="surrogateescape") as file:
            for line in file:
                at = line.find("/")
                if at > 0:
                    paths[line[at:].rstrip("\n")] = None
    except OSError as error:
        pass_on(error)
    return [path for path in paths if not path.startswith(("/dev/", "/memfd:", "/SYSV"))]


def _frameworks():
    """Versions of what is imported already; nothing is imported for it."""
    found = {}
    for name in ("torch", "numpy", "tensorflow", "keras", "jax", "sklearn", "xgboost", "lightgbm", "catboost", "transformers", "lightning", "pandas", "scipy"):
        version = getattr(sys.modules.get(name), "__version__", None)
        if version is not None:
            found[name] = str(version)
    torch = sys.modules.get("torch")
    if torch is not None and "torch" in found:
        for name, ask in (
            ("torch.num_threads", lambda: torch.get_num_threads()),
            ("torch.cuda", lambda: torch.version.cuda),
            ("torch.cudnn", lambda: torch.backends.cudnn.version() if torch.cuda.is_initialized() else None),
            ("torch.deterministic", lambda: torch.are_deterministic_algorithms_enabled()),
            ("torch.cudnn.deterministic", lambda: torch.backends.cudnn.deterministic),
            ("torch.cudnn.benchmark", lambda: torch.backends.cudnn.benchmark),
            ("torch.matmul_precision", lambda: torch.get_float32_matmul_precision()),
        ):
            try:
                value = ask()
                if value is not None:
                    found[name] = str(value)
            except Exception as error:
                fault("frameworks " + name, error)
    return found


def _drawn():
    for generator in list(tracked.known.values()):
        if not generator.told and generator.drawn():
            from . import source

            source.tell(generator)


def _safely(what, function, standard):
    try:
        return function()
    except Exception as error:
        fault(what, error)
        return standard


def finish(how):
    """Once per process; a forked child has its own end."""
    global _done_by
    if _done_by == os.getpid():
        return
    _done_by = os.getpid()
    _safely("head", flush_head, None)
    for function in first:
        _safely("end", function, None)
    _safely("drawn", _drawn, None)
    for function in last:
        _safely("end", function, None)
    modules = _safely("modules", _modules, [])
    frameworks = _safely("frameworks", _frameworks, {})
    emit("end", how=how, modules=modules, maps=_safely("maps", _maps, []), frameworks=frameworks)


def install():
    atexit.register(_safely, "end", lambda: finish("atexit"), None)
    from .standin import StandIn

    class Exit(StandIn):
        def __call__(self, *args, **kwargs):
            try:
                finish("os._exit")
            except Exception as error:
                pass_on(error)
            return self.real(*args, **kwargs)

    os._exit = Exit(os._exit, "os")
