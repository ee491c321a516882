"""The order in which the agent comes to life."""
from . import derive, ending, hooks, process, settings, sink, tracked, watch


def _step(what, function, *args):
    try:
        function(*args)
    except Exception as error:
        sink.fault(what, error)


def _later(name, module, function):
    """Our module for another one is loaded only when the program imports that."""

    def load(target):
        from importlib import import_module

        getattr(import_module("." + module, __package__), function)(target)

    hooks.after(name, load)


def start(line):
    _step("streams", derive.load_streams)
    _step("process key", process.identify, line)
    _step("hello", process.hello, line)
    if settings.remap:
        from . import remap

        _step("remap", remap.apply)
    _step("import hooks", hooks.install)
    _step("fork", process.watch)
    process.on_fork(tracked.after_fork)
    _step("audit hook", watch.install)
    _step("end", ending.install)
    for name, module, function in (
        ("random", "pyrandom", "patch"),
        ("numpy.random.bit_generator", "nprandom", "patch_bit_generator"),
        ("numpy.random", "nprandom", "patch"),
        ("torch.random", "torchrandom", "patch_functions"),
        ("torch", "torchrandom", "patch"),
        ("tensorflow", "tfrandom", "patch"),
    ):
        _step(name, _later, name, module, function)
