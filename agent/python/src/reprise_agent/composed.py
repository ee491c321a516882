"""Configurations that a library put together from files and overrides: Hydra, OmegaConf, gin, dotenv."""
import re
import sys

from . import ending, logged, place, setting
from .standin import like

# Of a file of variables nothing is kept that could be a secret.
_SECRET = re.compile(r"key|token|secret|pass|pwd|cred|auth|dsn|cookie|private|salt|signature|webhook", re.I)


def patch_hydra(module):
    owner = module.ConfigLoaderImpl
    original = owner.load_configuration

    def load_configuration(self, config_name, overrides, run_mode, *args, **kwargs):
        config = original(self, config_name, overrides, run_mode, *args, **kwargs)
        if getattr(run_mode, "name", "") == "RUN":
            logged.guarded("hydra", _composed, config, list(overrides))
        return config

    owner.load_configuration = like(load_configuration, original)


def _key(override):
    return override.lstrip("+~").partition("=")[0].partition("@")[0].replace("/", ".")


def _composed(config, overrides):
    """As Hydra writes it into .hydra/config.yaml: interpolations stay what they are, so no resolver is called."""
    if setting.often("hydra"):
        return
    from omegaconf import OmegaConf

    data = OmegaConf.to_container(config, resolve=False)
    given = {_key(word) for word in sys.argv[1:] if "=" in word}
    names = {_key(one) for one in overrides}
    name = str((data.get("hydra") or {}).get("job", {}).get("config_name") or "")
    # The jobs of a sweep are composed more than once.
    run = logged.run_of("hydra", (name, tuple(sorted(one for one in overrides if not _key(one).startswith("hydra.")))))

    def origin(key):
        parts = key.split(".")
        for count in range(len(parts), 0, -1):
            part = ".".join(parts[:count])
            if part in names:
                return "command line" if part in given else "override"
        return "configuration" + (" " + name if name and name != "None" else "")

    for key, value in data.items():
        if key != "hydra":
            setting.tell("hydra", str(key), value, origin, run)


def patch_omegaconf(module):
    original = module.OmegaConf.merge

    def merge(*args, **kwargs):
        result = original(*args, **kwargs)
        if setting.by_user(sys._getframe(1)) and not setting.often("omegaconf"):
            logged.guarded("omegaconf", _merged, module, result)
        return result

    module.OmegaConf.merge = staticmethod(like(merge, original))


def _merged(module, result):
    data = module.OmegaConf.to_container(result, resolve=False)
    if isinstance(data, dict):
        names = setting.words()
        setting.tell("omegaconf", "", {str(key): value for key, value in data.items()}, lambda key: "command line" if key in names else "call")


def patch_gin(module):
    """What functions were really called with, known when the process ends."""

    def tell():
        operative, configured = getattr(module, "_OPERATIVE_CONFIG", {}), getattr(module, "_CONFIG", {})
        for (scope, selector), values in list(operative.items()):
            set_here = configured.get((scope, selector)) or configured.get(("", selector)) or {}
            short = selector.rpartition(".")[2]
            for name, value in list(values.items()):
                key = "%s%s.%s" % (scope + "/" if scope else "", short, name)
                origin = "configuration" if name in set_here else "default"
                logged.param("gin", key, _gin(value), 0, origin)

    ending.last.append(lambda: logged.guarded("gin", tell))


def _gin(value):
    if type(value).__name__ == "ConfigurableReference":
        return "@" + str(getattr(value, "scoped_selector", "?")) + ("()" if getattr(value, "evaluate", False) else "")
    return setting.text(value)


def patch_dotenv(module):
    owner = module.DotEnv
    original = owner.dict

    def dict(self):
        result = original(self)
        logged.guarded("dotenv", _variables, self, result)
        return result

    owner.dict = like(dict, original)


def _variables(file, found):
    if setting.often("dotenv"):
        return
    path = getattr(file, "dotenv_path", None)
    shown = "" if not path else place.inside(str(path)) or str(path)
    for name, value in list(found.items()):
        kept = logged.SECRET if _SECRET.search(name) else "" if value is None else value
        logged.param("dotenv", name, kept, 0, "file " + shown if shown else None)
