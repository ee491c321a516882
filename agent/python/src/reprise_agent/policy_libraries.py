"""TensorFlow, LightGBM and CatBoost: their own switches, given beside what the program says and never into its dicts."""
import sys

from . import policy
from .sink import fault
from .standin import like


def patch_tensorflow(module):
    """Operators without a deterministic implementation raise from here on: for `strict` alone."""
    module.config.experimental.enable_op_determinism()
    policy.tell("tensorflow-ops", "tf.config.experimental.enable_op_determinism()")


_told = set()


def _once(lever, what):
    if what not in _told:
        _told.add(what)
        policy.tell(lever, what)


def _with_defaults(params, defaults):
    """A copy with what the program has not said."""
    return dict(defaults, **params)


def patch_lightgbm(module):
    original = module.Booster.__init__

    def __init__(self, params=None, train_set=None, *args, **kwargs):
        if train_set is not None:
            try:
                params = _lightgbm(params or {})
            except Exception as error:
                fault("parameters of lightgbm", error)
        return original(self, params, train_set, *args, **kwargs)

    module.Booster.__init__ = like(__init__, original)


def _lightgbm(params):
    added = {} if "force_row_wise" in params or "force_col_wise" in params else {"force_row_wise": True}
    if str(params.get("deterministic", True)).lower() in ("false", "0", "-"):
        policy.violation("flipped", "lightgbm", "lightgbm deterministic", sys._getframe(2))
    _once("lightgbm", "lightgbm: deterministic=true" + (" force_row_wise=true" if added else ""))
    return _with_defaults(params, dict(added, deterministic=True))


def patch_catboost(module):
    """CatBoost counts the processors itself."""
    number = policy.held.get("OMP_NUM_THREADS")
    if number is None:
        return
    holder = module._CatBoostBase
    original = holder._train

    def _train(self, train_pool, test_pool, params, *args, **kwargs):
        try:
            _once("threads", "catboost: thread_count=%d" % number)
            params = _with_defaults(params, {"thread_count": number})
        except Exception as error:
            fault("parameters of catboost", error)
        return original(self, train_pool, test_pool, params, *args, **kwargs)

    holder._train = like(_train, original)
