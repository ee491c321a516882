"""What the launcher asks for, read once from the environment (docs/format/events.md lists the variables)."""
import os
import sys

_environ = os.environ.get

events = _environ("REPRISE_EVENTS", "")
project = (_environ("REPRISE_PROJECT") or os.getcwd()).rstrip("/") or "/"
root = _environ("REPRISE_ROOT", "")
# Named seeds as declared: split=7 init=3
seeds = _environ("REPRISE_SEEDS", "").split()
streams = _environ("REPRISE_STREAMS", "")
listing = _environ("REPRISE_LISTING", "")
hold = _environ("REPRISE_HOLD", "")
remap = _environ("REPRISE_REMAP", "")
keep = _environ("REPRISE_KEEP", "")
locate = _environ("REPRISE_LOCATE", "") == "1"
locate_seconds = int(_environ("REPRISE_LOCATE_SECONDS", "") or 0)
trace = _environ("REPRISE_TRACE", "")
steps = _environ("REPRISE_STEPS", "")
net = _environ("REPRISE_NET", "")
serial = _environ("REPRISE_SERIAL", "").split()
# The mode of the determinism policy and its levers: warn:cudnn,threads
policy, _, _levers = _environ("REPRISE_POLICY", "").partition(":")
levers = frozenset(_levers.split(",") if policy else ())
threads = _environ("REPRISE_THREADS", "")
pace = _environ("REPRISE_PACE", "") == "1"
# For resume-check: which files are checkpoints, where the run is to be ended, states of generators and which to put back
checkpoints = _environ("REPRISE_CHECKPOINTS", "")
halt = _environ("REPRISE_HALT", "")
states = _environ("REPRISE_STATES", "")
put = _environ("REPRISE_PUT", "")
own_folder = os.path.dirname(os.path.abspath(__file__))
first_cwd = os.getcwd()
stdlib = os.path.dirname(os.__file__) + "/"


def _number(name, standard):
    try:
        return float(_environ(name) or standard)
    except ValueError:
        return float(standard)


_clock = __import__("time").time
keep_max = int(_number("REPRISE_KEEP_MAX", 64 * 1024 * 1024))
start = _number("REPRISE_START", 0) or _clock()


def command_line():
    """The whole command line of this process; sys.orig_argv exists from 3.10 on."""
    line = getattr(sys, "orig_argv", None)
    if line:
        return list(line)
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(part) for part in file.read().split(b"\0")[:-1]]
    except OSError:
        return [sys.executable] + list(getattr(sys, "argv", []))
