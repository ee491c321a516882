"""A replay in another folder: what pointed into the recorded one points into this one."""
import sys

from . import settings


def _moved(path, old, new):
    return new + path[len(old):] if path == old or path.startswith(old + "/") else path


def apply():
    old, arrow, new = settings.remap.partition("=>")
    if not arrow or not old:
        return
    sys.path[:] = [_moved(entry, old, new) if isinstance(entry, str) else entry for entry in sys.path]
    for name, module in list(sys.modules.items()):
        # Finders of editable installs keep their own tables.
        if not name.startswith("__editable__"):
            continue
        for table in (getattr(module, "MAPPING", None), getattr(module, "NAMESPACES", None)):
            if isinstance(table, dict):
                for key, value in list(table.items()):
                    if isinstance(value, str):
                        table[key] = _moved(value, old, new)
                    elif isinstance(value, list):
                        table[key] = [_moved(part, old, new) for part in value]
