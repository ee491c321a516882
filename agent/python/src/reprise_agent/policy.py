"""The determinism policy: what is set from outside the program, and where the program goes against it."""
import os
import sys

from . import ending, hooks, place, settings, sink

strict = settings.policy == "strict"
_MOST = 200
_seen = set()
held = {}  # variables for numbers of threads
_CORES = "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list"


def on(lever):
    return lever in settings.levers


def tell(lever, what, state="set", why=None):
    sink.emit("policy", lever=lever, state=state, what=what, why=why)


def violation(kind, lever, name, frame):
    """At the nearest line of the user's at or above the frame; at none where that is not known."""
    user, file = place.nearest(frame)
    violation_at(kind, lever, name, file, None if user is None else user.f_lineno)


def violation_at(kind, lever, name, file, line):
    """Once for each place."""
    key = (kind, name, file, line)
    if key not in _seen and len(_seen) < _MOST:
        _seen.add(key)
        sink.emit("violation", kind=kind, lever=lever, name=name, f=file, l=line)


def _default_threads():
    """The numbers that the libraries would have taken: a thread for each processor they may use; MKL, for each core."""
    affinity = getattr(os, "sched_getaffinity", None)
    cpus = sorted(affinity(0)) if affinity is not None else list(range(os.cpu_count() or 1))
    wanted = {"OMP_NUM_THREADS": len(cpus), "OPENBLAS_NUM_THREADS": len(cpus)}
    cores = set()
    try:
        for cpu in cpus:
            with open(_CORES % cpu) as file:
                cores.add(file.read())
        wanted["MKL_NUM_THREADS"] = len(cores)
    except OSError:
        pass
    return wanted


def _hold_threads():
    if "OMP_NUM_THREADS" in os.environ:
        tell("threads", "OMP_NUM_THREADS=" + os.environ["OMP_NUM_THREADS"], "kept", "set already")
        return
    if settings.threads:
        wanted = dict(word.partition("=")[::2] for word in settings.threads.split())
    else:
        wanted = _default_threads()
    for name, number in sorted(wanted.items()):
        if name not in os.environ:
            # Past os.environ: libraries in C read it, while joblib and torchrun still find that nobody asked for a number.
            os.putenv(name, str(number))
            held[name] = int(number)
    tell("threads", " ".join("%s=%d" % item for item in held.items()))


def _patch(module, function):
    def run(target):
        package = __import__(__package__, fromlist=(module,))
        getattr(getattr(package, module), function)(target)

    return run


def _raised():
    """An operator without a deterministic implementation has ended the program: the line of the user's where it did."""
    error = getattr(sys, "last_value", None)
    if not isinstance(error, RuntimeError):
        return
    from .policy_operators import operator_of

    name = operator_of(str(error))
    if name is None:
        return
    trace, file, line = error.__traceback__, None, None
    while trace is not None:
        found = place.user_file(trace.tb_frame)
        if found is not None:
            file, line = found, trace.tb_lineno
        trace = trace.tb_next
    violation_at("operator", "torch-algorithms", name, file, line)


def start():
    if on("threads"):
        try:
            _hold_threads()
        except Exception as error:
            tell("threads", "OMP_NUM_THREADS", "failed", "%s: %s" % (type(error).__name__, error))
    if on("listing-order"):
        tell("listing-order", "os.listdir, os.scandir and what is made of them give sorted names")
    if on("torch-algorithms") and not strict:
        hooks.after("warnings", _patch("policy_operators", "watch_warnings"))
    ending.last.append(_raised)
    for name, module, function, levers in (
        ("torch", "policy_torch", "patch", ("torch-algorithms", "torch-fill", "cudnn", "tf32")),
        ("tensorflow", "policy_libraries", "patch_tensorflow", ("tensorflow-ops",)),
        ("lightgbm.basic", "policy_libraries", "patch_lightgbm", ("lightgbm",)),
        ("catboost.core", "policy_libraries", "patch_catboost", ("threads",)),
    ):
        if any(on(lever) for lever in levers):
            hooks.after(name, _patch(module, function))
    if settings.pace:
        hooks.after("torch.optim.optimizer", _patch("policy_pace", "patch"))
