"""Weights & Biases: what run.log and run.config were given, online, offline and disabled."""
from . import logged
from .standin import like

_latest = [0]
_disabled = []


def _run(settings):
    """A disabled run's configuration does not say whose it is: the newest one's."""
    key = getattr(settings, "run_id", None)
    if key is not None:
        _latest[0] = logged.run_of("wandb", key)
    return _latest[0]


def _told(run, data, step):
    for name, value in logged.flat(data):
        logged.metric("wandb", name, value, step, run)


def _log(owner):
    original = owner.__dict__.get("log")
    if original is None:
        return

    def log(self, data, *args, **kwargs):
        result = original(self, data, *args, **kwargs)
        step = args[0] if args else kwargs.get("step")
        logged.guarded("wandb", lambda: _told(_run(getattr(self, "_settings", None)), data, step))
        return result

    owner.log = like(log, original)


def patch_run(module):
    _log(module.Run)


def patch_disabled(module):
    owner = module.NoopRun
    original = owner.__init__

    def __init__(self, *args, **kwargs):
        # Its configuration is made in here, and does not know the run.
        logged.guarded("wandb", lambda: _run(args[0] if args else kwargs.get("settings")))
        original(self, *args, **kwargs)

    owner.__init__ = like(__init__, original)
    _log(owner)


def patch_init(module):
    """In older versions a disabled run is an object of its own, with a function for `log`."""
    owner = None if hasattr(module, "noop_run") else getattr(module, "_WandbInit", None)
    for name in ("make_disabled_run", "_make_run_disabled"):
        if hasattr(owner, name):
            _make(owner, name)


def _make(owner, name):
    original = getattr(owner, name)

    def make(self, *args, **kwargs):
        before = len(_disabled)
        logged.guarded("wandb", _another)
        run = original(self, *args, **kwargs)
        if len(_disabled) > before:
            logged.guarded("wandb", _own_log, run, _disabled[-1])
        return run

    setattr(owner, name, like(make, original))


def _another():
    key = ("disabled", len(_disabled))
    _disabled.append(logged.run_of("wandb", key))
    _latest[0] = _disabled[-1]


def _own_log(run, number):
    original = run.log
    if getattr(original, "__name__", "") != "<lambda>":
        return

    def log(data, *args, **kwargs):
        result = original(data, *args, **kwargs)
        step = args[0] if args else kwargs.get("step")
        logged.guarded("wandb", _told, number, data, step)
        return result

    import wandb

    run.log = like(log, original)
    if getattr(wandb, "log", None) is original:
        wandb.log = log


def _params(config, only=None):
    run = _run(getattr(config, "_settings", None))
    items = config._items if only is None else {key: config._items[key] for key in only if key in config._items}
    for name, value in logged.flat({key: value for key, value in items.items() if not str(key).startswith("_")}):
        logged.param("wandb", name, value, run)


def patch_config(module):
    owner = module.Config
    original = owner.__setitem__

    def __setitem__(self, key, value):
        original(self, key, value)
        logged.guarded("wandb", _params, self, (key, str(key).strip("-")))

    is_attribute = owner.__setattr__ is original
    owner.__setitem__ = like(__setitem__, original)
    if is_attribute:
        owner.__setattr__ = owner.__setitem__
    for name in ("_update", "setdefaults", "update_locked", "merge_locked"):
        if hasattr(owner, name):
            _then(owner, name)


def _then(owner, name):
    original = getattr(owner, name)

    def method(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        logged.guarded("wandb", _params, self)
        return result

    setattr(owner, name, like(method, original))
