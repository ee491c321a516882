"""What is known of a class without asking it: whose it is, its attributes, and which library's value it is."""
import sys
from types import GetSetDescriptorType, MemberDescriptorType

from . import place

_mro = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__
_name = type.__dict__["__qualname__"].__get__
_module = type.__dict__["__module__"].__get__
# Libraries' classes whose attributes are their value; of all others (loggers, progress bars, files) nothing is looked at.
_SHOWN = (
    "sklearn.", "argparse", "types", "dataclasses", "fractions", "decimal", "functools", "scipy.sparse", "torch.utils.data",
    "torch.optim.lr_scheduler", "torchvision.transforms", "torchvision.datasets", "omegaconf", "enum",
)  # fmt: skip
_own = {}
_dicts = {}
_kept = []


def lineage(cls):
    return _mro(cls)


def word(name):
    """A name as the records have it: no tabs, line ends, = or ~."""
    if type(name) is not str:
        return "?"
    if name.isidentifier():
        return name
    return "".join([c if c.isalnum() and c.isascii() or c in "._<>-:" else "_" for c in name[:80]])


def module_of(cls):
    name = _module(cls)
    return name if type(name) is str else "?"


def name_of(cls):
    return word(_name(cls))


def _is_own(cls):
    name = module_of(cls)
    if name in ("__main__", "__mp_main__"):
        return True
    module = sys.modules.get(name)
    file = getattr(module, "__dict__", {}).get("__file__")
    return type(file) is str and place.inside(file) is not None


def _once(table, cls, ask):
    known = table.get(id(cls))
    if known is None:
        _kept.append(cls)
        known = table[id(cls)] = (ask(cls),)
    return known[0]


def is_own(cls):
    """Whether the program itself defines the class."""
    return _once(_own, cls, _is_own)


def is_own_code(code):
    return place._files.get(code.co_filename) is not None


def shows_attributes(bases):
    return any((module_of(base) + ".").startswith(_SHOWN) for base in bases[:-1])


def _has_shown_attributes(cls):
    bases = _mro(cls)
    if type in bases or _find_dict(cls) is None:
        return False
    return is_own(cls) or shows_attributes(bases) or any(module_of(base).startswith(("torch.nn", "torch.optim")) for base in bases)


_with_attributes = {}


def has_shown_attributes(cls):
    """Whether `object.name` says where a value lies."""
    return _once(_with_attributes, cls, _has_shown_attributes)


def _find_dict(cls):
    for base in _mro(cls):
        found = _namespace(base).get("__dict__")
        if found is not None:
            return found if type(found) is GetSetDescriptorType else None
    return None


def attributes(value):
    """The dictionary of an instance, past whatever the class does about attributes."""
    descriptor = _once(_dicts, type(value), _find_dict)
    if descriptor is None:
        return None
    found = descriptor.__get__(value)
    return found if type(found) is dict else None


def slots_of(cls):
    found = []
    for base in _mro(cls)[:-1]:
        if base is not cls and not is_own(base):
            continue
        for name, member in list(_namespace(base).items()):
            if type(member) is MemberDescriptorType and name != "__weakref__":
                found.append((word(name), member))
    return found


def library_writer(cls, bases):
    """For values of numpy, torch, pandas, random, datetime: loaded only when the program has such a library."""
    from . import valuelibrary

    for base in bases[:-1]:
        writer = valuelibrary.writer(module_of(base), _name(base))
        if writer is not None:
            return writer
    return None
