"""torch's warnings of operators without a deterministic implementation, seen before any filter decides on them."""
import sys

from . import policy
from .sink import fault
from .standin import like

_MARK = " does not have a deterministic implementation"
_filter = None


def operator_of(text):
    """The operator that a message of torch names, else None."""
    at = text.find(_MARK)
    if at > 0:
        return text[:at].rpartition(" ")[2] or None
    return "cuBLAS" if "CUBLAS_WORKSPACE_CONFIG" in text else None


class Matcher:
    """Stands for a message's pattern in a filter that fits nothing: it sees every warning and decides on none."""

    def match(self, text):
        try:
            if _MARK in text or "CUBLAS_WORKSPACE_CONFIG" in text:
                name = operator_of(text)
                if name is not None:
                    policy.violation("operator", "torch-algorithms", name, sys._getframe(1))
        except Exception as error:
            fault("warnings", error)
        return None

    def __repr__(self):
        return "<reprise: fits nothing>"


def put_first():
    """Ahead of the program's filters, which stay as they are. Nobody is told: what was shown once is not shown again."""
    filters = sys.modules["warnings"].filters
    if not filters or filters[0] is not _filter:
        if _filter in filters:
            filters.remove(_filter)
        filters.insert(0, _filter)


def _after(module, name):
    original = getattr(module, name)

    def changed(*args, **kwargs):
        result = original(*args, **kwargs)
        try:
            put_first()
        except Exception as error:
            fault("warnings." + name, error)
        return result

    setattr(module, name, like(changed, original))


def watch_warnings(module):
    global _filter
    _filter = ("ignore", Matcher(), UserWarning, None, 0)
    put_first()
    for holder, name in ((module, "_add_filter"), (module, "resetwarnings"), (module.catch_warnings, "__exit__")):
        _after(holder, name)
