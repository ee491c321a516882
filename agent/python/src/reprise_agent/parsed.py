"""Namespaces and dataclasses as argparse, and parsers built on it, gave them to the program."""
import sys
import threading

from . import logged, setting
from .standin import like

_state = threading.local()
_LIBRARIES = ("argparse", "simple_parsing", "transformers", "tyro")


class _Call:
    """The outermost call on this thread: what parsers call inside is part of it."""

    def __enter__(self):
        self.outer = getattr(_state, "given", None)
        if self.outer is None:
            _state.given = set()
        return self

    def __exit__(self, *error):
        if self.outer is None:
            _state.given = None

    def is_told(self, source):
        return self.outer is None and not setting.often(source) and setting.by_user(sys._getframe(2), _LIBRARIES)


def _arguments(args, kwargs):
    found = args[0] if args else kwargs.get("args")
    return None if found is None else list(found)


def _origin(arguments, names):
    """A list that the program itself made is a call, not the command line."""
    way = "command line" if arguments is None or arguments == sys.argv[1:] else "call"
    return lambda key: way if key in names or key.rpartition(".")[2] in names else "default"


def _parser(owner, source, name="parse_known_args"):
    original = owner.__dict__[name]

    def parse(self, *args, **kwargs):
        with _Call() as call:
            result = original(self, *args, **kwargs)
            if call.is_told(source):
                logged.guarded(source, _namespace, source, result[0], _arguments(args, kwargs), _state.given)
            return result

    setattr(owner, name, like(parse, original))


def _namespace(source, namespace, arguments, names):
    for name, value in list(vars(namespace).items()):
        setting.tell(source, name, value, _origin(arguments, names))


def patch_argparse(module):
    owner = module.ArgumentParser
    original = getattr(owner, "_get_values", None)
    if original is not None:

        def _get_values(self, action, arg_strings):
            names = getattr(_state, "given", None)
            if names is not None and (action.option_strings or arg_strings):
                names.add(action.dest)
            return original(self, action, arg_strings)

        owner._get_values = like(_get_values, original)
    _parser(owner, "argparse")
    # Parses twice: the second time what the first one left over.
    _parser(owner, "argparse", "parse_known_intermixed_args")


def patch_simple_parsing(module):
    """Its own method comes around argparse's, and puts the dataclasses together after it."""
    if "parse_known_args" in module.ArgumentParser.__dict__:
        _parser(module.ArgumentParser, "simple-parsing")


def patch_transformers(module):
    owner = module.HfArgumentParser
    for name in ("parse_args_into_dataclasses", "parse_dict", "parse_json_file", "parse_yaml_file"):
        if name in owner.__dict__:
            _dataclasses(owner, name)


def _dataclasses(owner, name):
    original = owner.__dict__[name]

    def method(self, *args, **kwargs):
        with _Call() as call:
            result = original(self, *args, **kwargs)
            if call.is_told("HfArgumentParser"):
                logged.guarded("HfArgumentParser", _told, name, result, args, kwargs, _state.given)
            return result

    setattr(owner, name, like(method, original))


def _told(method, result, args, kwargs, names):
    first = args[0] if args else next(iter(kwargs.values()), None)
    if method == "parse_args_into_dataclasses":
        origin = _origin(_arguments(args, kwargs), names)
    elif method == "parse_dict":
        keys = set(first or ())
        origin = lambda key: "call" if key in keys else "default"  # noqa: E731
    else:
        origin = "file %s, or default" % first
    for one in result:
        if setting._fields(one) is not None:
            setting.tell("HfArgumentParser", "", one, origin)


def patch_tyro(module):
    original = module.cli

    def cli(*args, **kwargs):
        with _Call() as call:
            result = original(*args, **kwargs)
            if call.is_told("tyro"):
                logged.guarded("tyro", _tyro, result, kwargs.get("args"))
            return result

    module.cli = like(cli, original)


def _tyro(result, arguments):
    one = result[0] if isinstance(result, tuple) and result else result
    if setting._fields(one) is None:
        return
    names = setting.words() if arguments is None else setting.given(arguments)
    setting.tell("tyro", "", one, _origin(None if arguments is None else list(arguments), names))
