"""A module that Python compiles is the module that it would load from its cache the next time.

The order of a constant set of strings, `for name in {"a", "b"}`, follows how the set was built where two strings want the same
slot: as the source says where Python compiles it, by its bytes where it comes from __pycache__. So the second of two equal runs
can differ from the first, at one hash seed; and a recorded run that found a cache would differ from its replays, which find
none. To go by way of marshal takes a millisecond for each thousand lines, and no time where there is a cache. Before Python 3.11
the cache has the order of the process that wrote it, which nobody knows any more: there all stays as it is.
"""
import marshal
import sys


def _call_with_frames_removed(*args, **kwargs):
    return marshal.loads(marshal.dumps(compile(*args, **kwargs)))


def install():
    if sys.version_info < (3, 11):
        return
    importer = sys.modules["_frozen_importlib_external"]
    function = _call_with_frames_removed
    # Tracebacks of what does not compile leave frames of this name and file out.
    function.__code__ = function.__code__.replace(co_filename=importer.SourceLoader.source_to_code.__code__.co_filename)
    importer.compile = function
