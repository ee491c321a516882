"""Evaluations of XGBoost, LightGBM and CatBoost, round by round; nothing of them needs to be printed."""
from weakref import WeakKeyDictionary

from . import logged
from .standin import like

_fits = WeakKeyDictionary()


def _fit(source, thing):
    found = _fits.get(thing)
    if found is None:
        found = _fits[thing] = logged.fit_of(source)
    return found


def patch_xgboost(module):
    def told(self, args, kwargs):
        epoch = logged.given(args, kwargs, 1, "epoch")
        for data, metrics in self.history.items():
            for name, values in metrics.items():
                value = values[-1]
                if isinstance(value, tuple):  # of a cross-validation: mean and deviation
                    value = value[0]
                logged.metric("xgboost", "%s-%s" % (data, name), value, epoch, _fit("xgboost", self))

    logged.after(module.CallbackContainer, "after_iteration", "xgboost", told)


def _lightgbm(env, fit):
    for one in env.evaluation_result_list or ():
        logged.metric("lightgbm", "%s-%s" % (one[0], one[1]), one[2], env.iteration, fit(env))


def _with_callback(module, name):
    original = getattr(module, name)
    plain = original
    while hasattr(plain, "__wrapped__"):
        plain = plain.__wrapped__
    place = plain.__code__.co_varnames.index("callbacks")

    def train(*args, **kwargs):
        numbers = []

        def fit(env):
            if not numbers:
                numbers.append(logged.fit_of("lightgbm"))
            return numbers[0]

        def told(env):
            logged.guarded("lightgbm", _lightgbm, env, fit)

        told.order = 5  # before those that end the training
        if len(args) > place:
            args = args[:place] + (list(args[place] or ()) + [told],) + args[place + 1 :]
        else:
            kwargs["callbacks"] = list(kwargs.get("callbacks") or ()) + [told]
        return original(*args, **kwargs)

    setattr(module, name, like(train, original))


def patch_lightgbm(module):
    for name in ("train", "cv"):
        _with_callback(module, name)


def patch_catboost(module):
    """At the end: a callback of its own would be given all rounds so far in every round."""

    def told(self, args, kwargs):
        results = self.get_evals_result()
        fit = logged.fit_of("catboost") if results else 0
        every = self.get_param("metric_period") or 1
        for data, metrics in results.items():
            for name, values in metrics.items():
                for index, value in enumerate(values):
                    logged.metric("catboost", "%s-%s" % (data, name), value, index if every == 1 else None, fit)

    logged.after(module.CatBoost, "_fit", "catboost", told)
