"""Options as click, typer, fire and absl.flags parsed them."""
import sys

from . import logged, place, setting
from .standin import like


def patch_click(module):
    _click(module, "click")


def patch_typer(module):
    _click(module, "typer")


def _click(module, source):
    for name in ("BaseCommand", "Command"):
        owner = getattr(module, name, None)
        if owner is not None and "make_context" in getattr(owner, "__dict__", {}):
            _context(owner, source)


def _context(owner, source):
    original = owner.__dict__["make_context"]

    def make_context(self, *args, **kwargs):
        context = original(self, *args, **kwargs)
        logged.guarded(source, _params, source, self, context)
        return context

    owner.make_context = like(make_context, original)


def _params(source, command, context):
    callback = getattr(command, "callback", None)
    while hasattr(callback, "__wrapped__"):
        callback = callback.__wrapped__
    if not _is_users(callback) or setting.often(source):
        return
    if type(command).__module__.startswith("typer"):
        source = "typer"
    declared = {one.name: one for one in command.params}
    for name, value in list(context.params.items()):
        if getattr(declared.get(name), "hide_input", False):
            value = logged.SECRET
        setting.tell(source, name, value, _source(context, name, declared.get(name)))


def _source(context, name, option):
    way = getattr(getattr(context, "get_parameter_source", lambda _: None)(name), "name", "")
    if way == "ENVIRONMENT":
        variable = getattr(option, "envvar", None) or "%s_%s" % (context.auto_envvar_prefix or "", name.upper())
        return "environment %s" % (variable if isinstance(variable, str) else " or ".join(variable))
    return {"COMMANDLINE": "command line", "DEFAULT": "default", "DEFAULT_MAP": "call", "PROMPT": "prompt"}.get(way)


def _is_users(function):
    """Whether a function or class is the program's own, not of an installed package that has a command line too."""
    if isinstance(function, type):
        module = sys.modules.get(function.__module__)
        return function.__module__ == "__main__" or place.inside(getattr(module, "__file__", None) or "/") is not None
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    return getattr(function, "__module__", None) == "__main__" or place.inside(code.co_filename) is not None


def patch_fire(module):
    original = module._MakeParseFn

    def _MakeParseFn(fn, metadata):
        parse = original(fn, metadata)

        def _ParseFn(args):
            before = list(args)
            result = parse(args)
            logged.guarded("fire", _call, module, fn, result, before)
            return result

        return like(_ParseFn, parse)

    module._MakeParseFn = like(_MakeParseFn, original)


def _call(module, fn, result, arguments):
    if not _is_users(fn) or setting.often("fire"):
        return
    spec = module.inspectutils.GetFullArgSpec(fn)
    (values, named), _, _, _ = result
    standard = dict(zip(spec.args[len(spec.args) - len(spec.defaults) :], spec.defaults))
    standard.update(spec.kwonlydefaults or {})
    found = dict(zip(spec.args, values))
    if len(values) > len(spec.args) and spec.varargs:
        found[spec.varargs] = list(values[len(spec.args) :])
    for name, value in (spec.kwonlydefaults or {}).items():
        found.setdefault(name, value)
    found.update(named)
    flagged = setting.given(arguments)
    for name, value in found.items():
        is_default = name not in flagged and name in standard and setting.text(standard[name]) == setting.text(value)
        setting.tell("fire", name, value, "default" if is_default else "command line")


def patch_absl(module):
    owner = module.FlagValues
    original = owner.__call__

    def __call__(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        logged.guarded("absl", _flags, self)
        return result

    owner.__call__ = like(__call__, original)


def _flags(values):
    if setting.often("absl"):
        return
    for name in list(values):
        flag = values[name]
        module = sys.modules.get(values.find_module_defining_flag(name) or "")
        file = getattr(module, "__file__", None)
        own = module is None or file is None or module.__name__ == "__main__" or place.inside(file) is not None
        if own or flag.present:
            if name == flag.name:  # a short name stands for the same flag
                setting.tell("absl", name, flag.value, "command line" if flag.present else "default")
