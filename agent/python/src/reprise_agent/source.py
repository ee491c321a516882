"""Lines that may draw from an unseeded global generator, read from the program's sources. Loaded only when one did."""
import ast
import os
import sys

from . import place, settings
from .interrupt import pass_on
from .sink import emit, fault

_MOST = 20
_NOT_DRAWING = {"seed", "default_rng", "get_state", "set_state", "getstate", "setstate", "RandomState", "Random", "SystemRandom", "Generator", "SeedSequence"}
_LAYERS = ("Linear", "LazyLinear", "Bilinear", "Conv", "LazyConv", "Embedding", "RNN", "LSTM", "GRU", "Transformer", "Multihead", "Dropout", "AlphaDropout", "FeatureAlpha", "RReLU")
_TORCH = ("rand", "normal", "bernoulli", "multinomial", "poisson", "dropout", "seed")
_IN_PLACE = {"uniform_", "normal_", "random_", "exponential_", "bernoulli_", "geometric_", "cauchy_", "log_normal_", "trunc_normal_"}
_IDLE_SPLITTERS = ("KFold", "StratifiedKFold", "StratifiedGroupKFold")


_read = []


def _aliases(tree):
    """Local name → dotted name, from every import of the file."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = node.module + "." + alias.name
    return names


def _dotted(node, names):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in names:
        return ".".join([names[node.id]] + parts[::-1])
    return "?." + parts[0] if parts else ""


def _given(call, name):
    """Whether a keyword is passed and is not the literal None or False."""
    for keyword in call.keywords:
        if keyword.arg is None:
            return True
        if keyword.arg == name:
            return not (isinstance(keyword.value, ast.Constant) and keyword.value.value in (None, False))
    return False


def _is_false(call, name):
    return any(k.arg == name and isinstance(k.value, ast.Constant) and k.value.value is False for k in call.keywords)


def _takes_random_state(dotted):
    """Asks the object itself, which the program has imported."""
    module, _, name = dotted.rpartition(".")
    thing = getattr(sys.modules.get(module), name, None)
    function = getattr(thing, "__init__", thing) if isinstance(thing, type) else thing
    function = getattr(function, "__wrapped__", function)
    code = getattr(function, "__code__", None)
    return code is not None and "random_state" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _draws(dotted, call):
    """Which global generator a call may draw from, by its name."""
    head, _, rest = dotted.partition(".")
    last = dotted.rpartition(".")[2]
    if dotted.startswith("?."):
        if last in _IN_PLACE and "torch" in sys.modules and not _given(call, "generator"):
            return "torch"
        if last == "sample" and "pandas" in sys.modules and {k.arg for k in call.keywords} & {"n", "frac"}:
            return None if _given(call, "random_state") else "numpy"
        return "numpy" if last == "rvs" and not _given(call, "random_state") else None
    if last in _NOT_DRAWING:
        return None
    if head == "random":
        return "random" if rest.count(".") == 0 and rest else None
    if dotted.startswith("numpy.random."):
        return "numpy" if last[:1].islower() else None
    if head in ("sklearn", "scipy", "imblearn", "umap"):
        if _given(call, "random_state") or _is_false(call, "shuffle") or last in _IDLE_SPLITTERS and not _given(call, "shuffle"):
            return None
        return "numpy" if _takes_random_state(dotted) else None
    if head in ("keras", "tensorflow"):
        return "tensorflow" if ".random." in dotted else "random" if ".layers." in dotted else None
    if head in ("torch", "torchvision") and not _given(call, "generator"):
        return _torch(dotted, last, call)
    return None


def _torch(dotted, last, call):
    if last == "DataLoader":
        return "torch" if _given(call, "shuffle") else None
    if dotted.startswith("torch.nn.init.") or last in ("random_split", "RandomSampler", "WeightedRandomSampler"):
        return "torch"
    if dotted.startswith(("torch.nn.", "torch.nn.functional.")) and (last.startswith(_LAYERS) or last.startswith("dropout")):
        return "torch"
    if dotted.startswith("torchvision.models.") or dotted.startswith("torchvision.transforms.Random"):
        return "torch"
    return "torch" if dotted.count(".") == 1 and last.startswith(_TORCH) and not last.startswith("random") else None


def _texts():
    """(file as events name it, source) of every user module, the main one first."""
    paths = {}
    for name, module in sorted(sys.modules.items(), key=lambda item: item[0] != "__main__"):
        scope = getattr(module, "__dict__", {})
        path = scope.get("__file__") or (getattr(scope.get("__loader__"), "path", None) if name == "__main__" else None)
        if isinstance(path, str) and not path.endswith((".so", ".pyd")):
            path = os.path.abspath(os.path.join(settings.first_cwd, path))
            relative = place.inside(path)
            if relative is not None or name == "__main__" and not place.is_stdlib(path):
                paths.setdefault(path, relative or path)
    for path, relative in paths.items():
        try:
            with open(path, "rb") as file:
                yield relative, file.read()
        except OSError as error:
            pass_on(error)
    for number, text in enumerate(getattr(sys.modules.get("__main__"), "_ih", ())):
        if isinstance(text, str) and text:
            yield "<cell %d>" % number, text


def _candidates():
    """{generator: its lines, in order}; read again only after more modules or cells came."""
    now = (len(sys.modules), len(getattr(sys.modules.get("__main__"), "_ih", ())))
    if _read[:1] == [now]:
        return _read[1]
    found = {}
    names = {}
    for file, text in _texts():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        # Cells share their imports; files do not.
        names = dict(names, **_aliases(tree)) if file.startswith("<cell") else _aliases(tree)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda node: node.lineno):
            generator = _draws(_dotted(call.func, names), call)
            if generator is not None:
                found.setdefault(generator, {})[(file, call.lineno)] = None
    _read[:] = [now, found]
    return found


def _limit(frame):
    """{file: line} of the module level that runs now: what stands below has not run yet."""
    limits = {}
    innermost = frame
    while frame is not None:
        frame, file = place.nearest(frame)
        if frame is not None:
            if frame.f_code.co_name == "<module>":
                limits[file] = frame.f_lineno - (frame is innermost)
            frame = frame.f_back
    return limits


def tell(generator, frame=None, cell=None):
    """Says that it was drawn from, with the lines that may have done it (of this `cell`); with none when no line was found."""
    generator.told = True
    lines = []
    try:
        limits = _limit(frame)
        for file, line in _candidates().get(generator.name, ()):
            if line <= limits.get(file, line) and (cell is None or file == cell or not file.startswith("<cell")):
                lines.append((file, line))
    except Exception as error:
        fault("sources", error)
    if cell is not None and cell not in [file for file, _ in lines]:
        lines.append((cell, None))
    for file, line in lines[:_MOST] or [(None, None)]:
        emit("drawn", name=generator.name, f=file, l=line, how="source")
