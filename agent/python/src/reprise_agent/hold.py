"""Values of a recorded run that are to be given back at the same calls. Only in replays that test a cause."""
from . import derive, settings

_values = {}  # (process, file, line, name) → {n: value}
_lists = {}
active = bool(settings.hold)


def load():
    """Lines are `val` and `list` events as recorded, each with the `proc` it belongs to (none: any process)."""
    import json

    with open(settings.hold, encoding="utf-8") as file:
        for line in file:
            event = json.loads(line)
            listed = event["e"] == "list"
            value = event.get("names" if listed else "v")
            if value is None or not listed and "count" in event:
                continue
            place = (event.get("proc"), event["f"], event["l"], event["name"])
            (_lists if listed else _values).setdefault(place, {})[event["n"]] = value


def _of(table, file, line, name):
    found = table.get((derive.proc, file, line, name))
    return found if found is not None else table.get((None, file, line, name))


def values(file, line, name):
    """{n: text} for a place, or None."""
    return _of(_values, file, line, name)


def names(file, line, name, nth):
    found = _of(_lists, file, line, name)
    return None if found is None else found.get(nth)


def reorder(present, recorded):
    """`present` in the recorded order; what the record does not know comes last."""
    rank = {name: at for at, name in enumerate(recorded)}
    return sorted(present, key=lambda name: rank.get(name, len(rank)))
