"""Boosting rounds of XGBoost, LightGBM and CatBoost, by their own callbacks.

The model so far would be dear to hash after every round, so `parameters` is the newest tree (XGBoost, LightGBM), which follows
from all before it; CatBoost has no model to show while it trains. `loss` is what the round's evaluation gave.
"""
import sys

from . import channels, sampling, steps
from .interrupt import pass_on
from .sink import fault
from .standin import like

_getframe = sys._getframe
_LARGEST = 50_000_000  # entries of a matrix that are worth being copied out to be looked at


def _guarded(what, function, *args):
    try:
        function(*args)
    except Exception as error:
        fault(what, error)


def _first(thing, kind, name, frame, *data, so_far=None):
    started = sampling.clock()
    one, new = steps.stream(thing, kind, name)
    found = {}
    if new and one.looking:
        batch = channels.Batch()
        for part in data:
            part = part() if callable(part) else part
            if hasattr(part, "indptr"):
                channels.put(found, "batch", channels.sparse_or_table(part))
            elif part is not None:
                batch.call([part])
        if "batch" not in found:
            batch.put(found)
        if so_far is not None:
            so_far(found)
    at = channels.passed(frame)
    if new:
        steps.before(one, at, found)
    steps.rate.spent += sampling.clock() - started


def _round(thing, kind, name, frame, tree, evaluations):
    started = sampling.clock()
    one, _ = steps.stream(thing, kind, name)
    at, found = channels.passed(frame), None
    if one.looking:
        found = {}
        if tree is not None:
            channels.put(found, "parameters", tree())
        if evaluations:
            channels.put(found, "loss", evaluations)
    steps.after(one, at, found)
    steps.paced(one, started)


def _xgboost_data(matrix):
    if "scipy.sparse" not in sys.modules or matrix.num_row() * matrix.num_col() > _LARGEST:
        return None
    try:
        return matrix.get_data()
    except Exception as error:  # a matrix of quantiles has no data to give
        pass_on(error)
        return None


def patch_xgboost(module):
    class Steps(module.TrainingCallback):
        def __init__(self, matrix):
            self.matrix = matrix

        def before_training(self, model):
            matrix, self.matrix = self.matrix, None
            if matrix is not None:
                frame, data = _getframe(1), (lambda: _xgboost_data(matrix), matrix.get_label)

                def so_far(found):
                    if model.num_boosted_rounds() > 0:  # a training that goes on
                        channels.put(found, "parameters", _newest(model))

                _guarded("xgboost", lambda: _first(model, "xgboost", "Booster", frame, *data, so_far=so_far))
            return model

        def after_iteration(self, model, epoch, evals_log):
            results = {key: {name: list(values)[-1:] for name, values in one.items()} for key, one in evals_log.items()}
            _guarded("xgboost", _round, model, "xgboost", "Booster", _getframe(1), lambda: _newest(model), results)
            return False

    def _newest(model):
        count = model.num_boosted_rounds()
        try:
            return bytes(model[count - 1 : count].save_raw("ubj"))
        except Exception as error:  # gblinear has no trees to cut out, and is as small as one
            pass_on(error)
            return bytes(model.save_raw("ubj"))

    original = module.CallbackContainer.__init__

    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        try:
            if not self.is_cv:
                # A set before 3.0: the others keep the order in which they came out of it.
                self.callbacks = list(self.callbacks) + [Steps(_getframe(1).f_locals.get("dtrain"))]
        except Exception as error:
            fault("xgboost", error)

    module.CallbackContainer.__init__ = like(__init__, original)


def _lightgbm_tree(model):
    text = model.model_to_string(num_iteration=1, start_iteration=model.current_iteration() - 1)
    start = text.find("Tree=")
    return text[start : text.find("end of trees")] if start >= 0 else text


def patch_lightgbm(module):
    original = module.train
    place = original.__code__.co_varnames.index("callbacks")

    def train(*args, **kwargs):
        frame = _getframe(1)

        def told(env):
            if env.iteration == env.begin_iteration:
                dataset = args[1] if len(args) > 1 else kwargs.get("train_set")
                label = getattr(dataset, "label", None)
                _guarded("lightgbm", _first, env.model, "lightgbm", "Booster", frame, label)
            results = [list(one) for one in env.evaluation_result_list or ()]
            _guarded("lightgbm", _round, env.model, "lightgbm", "Booster", frame, lambda: _lightgbm_tree(env.model), results)

        told.order = 5  # before those that end the training
        if len(args) > place:
            args = args[:place] + (list(args[place] or ()) + [told],) + args[place + 1 :]
        else:
            kwargs["callbacks"] = list(kwargs.get("callbacks") or ()) + [told]
        return original(*args, **kwargs)

    module.train = like(train, original)


def patch_catboost(module):
    original = module.CatBoost._prepare_train_params

    class Steps:
        def __init__(self, model, frame):
            self.model, self.frame = model, frame

        def after_iteration(self, info):
            results = {key: {name: values[-1:] for name, values in one.items()} for key, one in info.metrics.items()}
            _guarded("catboost", _round, self.model, "catboost", None, self.frame, None, results)
            return True

    def _prepare_train_params(self, *args, **kwargs):
        try:
            if "callbacks" in kwargs and str(self.get_param("task_type") or "CPU").upper() == "CPU":
                frame = _getframe(1)
                _guarded("catboost", _first, self, "catboost", None, frame, kwargs.get("X"), kwargs.get("y"))
                kwargs["callbacks"] = list(kwargs["callbacks"] or ()) + [Steps(self, frame)]
        except Exception as error:
            fault("catboost", error)
        return original(self, *args, **kwargs)

    module.CatBoost._prepare_train_params = like(_prepare_train_params, original)
