"""A replay with one worker, or one thread: what a program asks for by number gets the number one.

Loaded only when REPRISE_SERIAL names `workers` or `threads`: it takes a cause away on purpose, to see whether results stop
parting.
"""
import functools
import sys
import time

from . import place
from .interrupt import pass_on
from .sink import emit, fault

_getframe = sys._getframe
_told = set()


def _tell(name, frame):
    """Where the program asked for more than one, once a line."""
    _, file = spot = place.nearest(frame)
    if file is not None and (name, file, spot[0].f_lineno) not in _told:
        _told.add((name, file, spot[0].f_lineno))
        emit("serial", name=name, f=file, l=spot[0].f_lineno)


def _one(owner, method, names, value, standard=None):
    """Wraps owner.method so that each argument in `names`, wherever it is given, becomes `value`; `standard`: what none means."""
    original = getattr(owner, method)
    code = getattr(original, "__code__", None)
    order = code.co_varnames[: code.co_argcount] if code is not None else ()

    @functools.wraps(original)
    def wrapped(*args, **kwargs):
        try:
            args = list(args)
            for name in names:
                asked = standard
                if name in kwargs:
                    asked, kwargs[name] = kwargs[name], value
                elif name in order and order.index(name) < len(args):
                    asked, args[order.index(name)] = args[order.index(name)], value
                elif name in order:
                    kwargs[name] = value
                if (standard if asked is None else asked) != value:
                    _tell(owner.__name__, _getframe(1))
        except Exception as error:
            fault("serial " + method, error)
        return original(*args, **kwargs)

    setattr(owner, method, wrapped)


def patch_futures_thread(module):
    _one(module.ThreadPoolExecutor, "__init__", ("max_workers",), 1, "many")


def patch_futures_process(module):
    _one(module.ProcessPoolExecutor, "__init__", ("max_workers",), 1, "many")


def patch_pool(module):
    _one(module.Pool, "__init__", ("processes",), 1, "many")


def patch_joblib(module):
    _one(module.Parallel, "__init__", ("n_jobs",), 1, 1)


def patch_loader(module):
    """A loader in the process itself takes no prefetch factor and keeps no workers."""
    original = module.DataLoader.__init__

    @functools.wraps(original)
    def wrapped(self, *args, **kwargs):
        # dataset, batch_size, shuffle, sampler, batch_sampler, num_workers
        asked = args[5] if len(args) > 5 else kwargs.get("num_workers", 0)
        if len(args) > 5:
            args = args[:5] + (0,) + args[6:]
        elif "num_workers" in kwargs:
            kwargs["num_workers"] = 0
        if asked:
            try:
                _tell("DataLoader", _getframe(1))
            except Exception as error:
                fault("serial DataLoader", error)
        for name in ("prefetch_factor", "persistent_workers", "multiprocessing_context", "timeout"):
            kwargs.pop(name, None)
        return original(self, *args, **kwargs)

    module.DataLoader.__init__ = wrapped


def patch_torch(module):
    original = module.set_num_threads

    @functools.wraps(original)
    def wrapped(count):
        return original(1)

    module.set_num_threads = wrapped
    original(1)


_PAUSE = 0.005
_IDLE_SECONDS = 2.0  # a thread that does nothing for so long waits for another one
_WAITING = ("/threading.py", "/queue.py", "/selectors.py")


def _work(thread):
    """What a thread has used of the processor, in ticks; 0 where that is not to be had."""
    try:
        with open("/proc/self/task/%d/stat" % thread.native_id, encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    except (OSError, ValueError, IndexError, TypeError) as error:
        pass_on(error)
        return 0


def _waits(thread):
    """Whether it stands inside a queue, a condition or an event: what it waits for may be what we hold up."""
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_code.co_filename.endswith(_WAITING)


def _let_end(thread):
    """Until the thread has ended, or seems to wait for somebody else."""
    work, idle_since, waited = 0, time.monotonic(), 0
    while thread.is_alive():
        time.sleep(_PAUSE)
        now = _work(thread)
        if now != work:
            work, idle_since = now, time.monotonic()
        waited = waited + 1 if _waits(thread) else 0
        if waited > 10 or time.monotonic() - idle_since > _IDLE_SECONDS:
            return


def patch_threading(module):
    """Threads that the program itself starts run one after the other."""
    original = module.Thread.start

    @functools.wraps(original)
    def wrapped(self):
        original(self)
        try:
            if place.user_file(sys._getframe(1)) is not None:
                _let_end(self)
        except Exception as error:
            fault("serial threads", error)

    module.Thread.start = wrapped


def patch_gensim(module):
    for name in ("Word2Vec", "Doc2Vec", "FastText", "LdaMulticore"):
        model = getattr(module, name, None)
        if model is not None:
            _one(model, "__init__", ("workers",), 1, "many")


PATCHES = (
    ("workers", "concurrent.futures.thread", "patch_futures_thread"),
    ("workers", "concurrent.futures.process", "patch_futures_process"),
    ("workers", "multiprocessing.pool", "patch_pool"),
    ("workers", "joblib.parallel", "patch_joblib"),
    ("workers", "torch.utils.data.dataloader", "patch_loader"),
    ("threads", "torch", "patch_torch"),
    ("threads", "threading", "patch_threading"),
    ("workers", "gensim.models.word2vec", "patch_gensim"),
    ("workers", "gensim.models.doc2vec", "patch_gensim"),
    ("workers", "gensim.models.fasttext", "patch_gensim"),
    ("workers", "gensim.models.ldamulticore", "patch_gensim"),
)
