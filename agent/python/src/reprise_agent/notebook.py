"""Cells of a notebook: where what unseeded generators give the user begins, and which cell drew from them."""
import hashlib

from . import settings, source, tracked
from .sink import emit, fault

_seen = False


def _before(info=None):
    """A kernel draws while it waits, as often as it is asked whether it is ready (IPython's tips): no cell has begun yet."""
    global _seen
    try:
        if not _seen:
            _seen = True
            tracked.restart()
    except Exception as error:
        fault("first cell", error)


def _after(result=None):
    """Told now: a kernel is often killed, and then the next cell is another place."""
    try:
        if settings.trace:
            from . import tracefile

            tracefile.flush()
        number = getattr(result, "execution_count", None)
        text = getattr(getattr(result, "info", None), "raw_cell", None)
        if number is None or not isinstance(text, str):
            return
        raised = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        more = {} if raised is None else {"error": ("%s: %s" % (type(raised).__name__, raised))[:300]}
        emit("cell", n=number, code=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), **more)
        for generator in list(tracked.known.values()):
            if not generator.told and generator.drawn():
                source.tell(generator, cell="<cell %d>" % number)
    except Exception as error:
        fault("cell", error)


def patch(module):
    original = module.InteractiveShell.init_events

    def init_events(self):
        original(self)
        try:
            self.events.register("pre_run_cell", _before)
            self.events.register("post_run_cell", _after)
        except Exception as error:
            fault("cells", error)

    init_events.__wrapped__ = original
    init_events.__doc__ = original.__doc__
    module.InteractiveShell.init_events = init_events
