"""The order in which the agent comes to life."""
import sys

from . import bytecode, clock, derive, ending, entropy, hold, hooks, listing, process, remap, settings, sink, tracked, values, watch

_PARSERS = (
    ("argparse", "parsed", "patch_argparse"),
    ("simple_parsing.parsing", "parsed", "patch_simple_parsing"),
    ("transformers.hf_argparser", "parsed", "patch_transformers"),
    ("tyro._cli", "parsed", "patch_tyro"),
    ("click.core", "flags", "patch_click"),
    ("typer._click.core", "flags", "patch_typer"),
    ("fire.core", "flags", "patch_fire"),
    ("absl.flags._flagvalues", "flags", "patch_absl"),
    ("hydra._internal.config_loader_impl", "composed", "patch_hydra"),
    ("omegaconf.omegaconf", "composed", "patch_omegaconf"),
    ("gin.config", "composed", "patch_gin"),
    ("dotenv.main", "composed", "patch_dotenv"),
)
_STEPS = (
    ("torch", "torchsteps", "patch"),
    ("keras.src.callbacks.callback_list", "kerassteps", "patch"),
    ("xgboost.callback", "booststeps", "patch_xgboost"),
    ("lightgbm.engine", "booststeps", "patch_lightgbm"),
    ("catboost.core", "booststeps", "patch_catboost"),
    ("sklearn.base", "sklearnsteps", "patch"),
)


def _step(what, function, *args):
    try:
        function(*args)
    except Exception as error:
        sink.fault(what, error)


def _later(name, module, function):
    """Our module for another one is loaded only when the program imports that."""

    def load(target):
        package = __import__(__package__, fromlist=(module,))
        getattr(getattr(package, module), function)(target)

    hooks.after(name, load)


def _modes():
    """What only some replays ask for. Modules of it are loaded here and nowhere before."""
    if settings.policy:
        from . import policy

        _step("policy", policy.start)
    if settings.hold:
        _step("hold", hold.load)
    if settings.locate:
        from . import locate

        _step("locate", locate.start)
    if settings.serial:
        # From its source each time: byte code that the first replay left would move addresses in the second.
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            from . import serial
        finally:
            sys.dont_write_bytecode = before
        for what, name, function in serial.PATCHES:
            if what in settings.serial:
                _step(name, _later, name, "serial", function)
    if settings.checkpoints:
        from . import checkpoints

        _step("checkpoints", checkpoints.start)
        for name, function in checkpoints.WRITERS:
            _step(name, _later, name, "checkpoints", function)
        _step("schedulers", _later, "torch.optim.lr_scheduler", "nthstate", "patch_schedulers")
    if settings.put:
        from . import putback

        for name, function in putback.HOOKS:
            _step(name, _later, name, "putback", function)
    if settings.trace:
        from . import lines

        _step("lines", lines.start)


def _compiled(path):
    """The main program is compiled, and about to run. Modules of the program's own names are not taken for Python's."""
    before, sys.path[:], no_cache = list(sys.path), path, sys.dont_write_bytecode
    sys.dont_write_bytecode = False
    try:
        _modes()
    finally:
        sys.path[:], sys.dont_write_bytecode = before, no_cache


def start(line):
    _step("streams", derive.load_streams)
    _step("process key", process.identify, line)
    _step("hello", process.hello, line)
    if settings.remap:
        _step("remap", remap.apply)
    _step("import hooks", hooks.install)
    _step("byte code", bytecode.install)
    _step("fork", process.watch)
    for module in (tracked, values, listing):
        process.on_fork(module.after_fork)
    _step("audit hook", watch.install)
    _step("end", ending.install)
    ending.last.append(values.counts)
    _step("clock", clock.patch)
    _step("entropy", entropy.patch)
    _step("listings", listing.patch)
    if settings.net:
        for name, function in (("socket", "patch"), ("ssl", "patch_ssl")):
            _step("answers of the network", _later, name, "netplay", function)
    for name, module, function in _STEPS if settings.steps in ("all", "auto") else ():
        _step("steps of " + name, _later, name, module, function)
    for name, module, function in (
        ("random", "pyrandom", "patch"),
        ("random", "entropy", "patch_random"),
        ("uuid", "entropy", "patch_uuid"),
        ("secrets", "entropy", "patch_secrets"),
        ("datetime", "dates", "patch"),
        ("pathlib", "listing", "patch_pathlib"),
        ("time_machine", "clock", "restore"),
        ("numpy.random.bit_generator", "nprandom", "patch_bit_generator"),
        ("numpy.random", "nprandom", "patch"),
        ("torch.random", "torchrandom", "patch_functions"),
        ("torch", "torchrandom", "patch"),
        ("torch.serialization", "torchsave", "patch"),
        ("tensorflow", "tfrandom", "patch"),
        ("IPython.core.interactiveshell", "notebook", "patch"),
        ("torch.utils.tensorboard.writer", "loggers", "patch_tensorboard"),
        ("tensorboardX.writer", "loggers", "patch_tensorboardx"),
        ("mlflow.tracking._tracking_service.client", "loggers", "patch_mlflow"),
        ("transformers.trainer_callback", "trainlog", "patch_transformers"),
        ("lightning.pytorch.trainer.connectors.logger_connector.logger_connector", "trainlog", "patch_lightning"),
        ("pytorch_lightning.trainer.connectors.logger_connector.logger_connector", "trainlog", "patch_lightning"),
        ("lightning.pytorch.loggers.utilities", "trainlog", "patch_lightning_params"),
        ("pytorch_lightning.loggers.utilities", "trainlog", "patch_lightning_params"),
        ("lightning.fabric.loggers.csv_logs", "trainlog", "patch_lightning_csv"),
        ("lightning_fabric.loggers.csv_logs", "trainlog", "patch_lightning_csv"),
        ("accelerate.accelerator", "trainlog", "patch_accelerate"),
        ("keras.src.callbacks.history", "trainlog", "patch_keras"),
        ("keras.src.callbacks", "trainlog", "patch_keras"),
        ("tf_keras.src.callbacks", "trainlog", "patch_keras"),
        ("xgboost.callback", "boostlog", "patch_xgboost"),
        ("lightgbm.engine", "boostlog", "patch_lightgbm"),
        ("catboost.core", "boostlog", "patch_catboost"),
        ("comet_ml.experiment", "trackers", "patch_comet"),
        ("sacred.metrics_logger", "trackers", "patch_sacred"),
        ("sacred.run", "trackers", "patch_sacred_run"),
        ("tensorboard.plugins.scalar.summary_v2", "trackers", "patch_tensorflow"),
        ("tqdm.std", "trackers", "patch_tqdm"),
        ("wandb.sdk.wandb_config", "wandblog", "patch_config"),
        ("wandb.sdk.wandb_run", "wandblog", "patch_run"),
        ("wandb.sdk.wandb_init", "wandblog", "patch_init"),
        ("wandb.sdk.lib.noop_run", "wandblog", "patch_disabled"),
    ):
        _step(name, _later, name, module, function)
    for name, module, function in _PARSERS:
        _step("parameters of " + name, _later, name, module, function)
    if any((settings.policy, settings.hold, settings.locate, settings.serial, settings.checkpoints, settings.put, settings.trace)):
        path = list(sys.path)
        _step("main", watch.at_main, lambda: _compiled(path))
