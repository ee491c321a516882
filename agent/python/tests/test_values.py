"""Clocks, entropy, process ids and listings: what user code got, and giving it back."""
import json
import os
import unittest

from harness import AgentTest

READS = """
import time, datetime, os, uuid, secrets, random
from time import perf_counter
def reads():
    yield time.time()
    yield perf_counter()
    yield time.time_ns()
    yield time.strftime("%Y-%m-%d %H:%M:%S")
    yield tuple(time.localtime())
    yield time.ctime()
    yield datetime.datetime.now()
    yield datetime.datetime.now(datetime.timezone.utc)
    yield datetime.datetime.today()
    yield datetime.date.today()
    yield os.urandom(4)
    yield uuid.uuid4()
    yield uuid.uuid1()
    yield secrets.token_hex(3)
    yield secrets.token_bytes(3)
    yield secrets.randbits(30)
    yield random.SystemRandom().random()
    yield os.getpid()
for one in reads(): print(repr(one))
"""
LISTS = """
import os, glob, pathlib
os.listdir("data")
[e.name for e in os.scandir("data")]
glob.glob("data/*")
list(pathlib.Path("data").iterdir())
print([os.listdir("data"), [e.name for e in os.scandir("data")], [os.path.basename(p) for p in glob.glob("data/*")],
       [p.name for p in pathlib.Path("data").iterdir()], next(os.walk("data"))[2], sorted(os.listdir("data"))])
"""


class Values(AgentTest):
    def test_a_signal_to_the_process_id_that_was_given_reaches_the_program_itself(self):
        program = """
            import os, signal
            signal.signal(signal.SIGUSR1, lambda *unused: print("reached"))
            me = os.getpid()
            os.kill(me, signal.SIGUSR1)
            os.sched_setaffinity(me, os.sched_getaffinity(me))
            print(me)
        """
        first = self.run_text(program)
        again = self.run_text(program, REPRISE_HOLD=self.hold(first, ("val",)))
        self.assertEqual((again.out, again.of("fault")), (first.out, []))

    def hold(self, run, kinds):
        path = os.path.join(self.root, "hold")
        with open(path, "w") as file:
            for one in run.events:
                if one["e"] in kinds:
                    file.write(json.dumps(one) + "\n")
        return path

    def test_every_read_is_recorded_and_can_be_given_back(self):
        first = self.run_text(READS)
        self.no_faults(first)
        self.assertEqual([one["l"] for one in first.of("val")][:9], [5, 6, 7, 8, 9, 10, 11, 12, 13])
        self.assertEqual({one["l"] for one in first.of("val")}, set(range(5, 23)))
        again = self.run_text(READS, REPRISE_HOLD=self.hold(first, ("val",)))
        self.no_faults(again)
        self.assertEqual(first.out, again.out)

    def test_a_clock_goes_on_after_its_last_held_value(self):
        text = "import time, sys\nfor i in range(int(sys.argv[1])): print(time.time()); time.sleep(0.01)"
        self.write("main.py", text)
        first = self.run_python("main.py", "2")
        held = [float(line) for line in self.run_python("main.py", "4", REPRISE_HOLD=self.hold(first, ("val",))).out.split()]
        self.assertEqual(held[:2], [float(line) for line in first.out.split()])
        self.assertTrue(0.009 < held[2] - held[1] < 1 and 0.009 < held[3] - held[2] < 1, held)

    def test_values_of_another_process_are_not_given(self):
        first = self.run_text("import time; print(time.time())")
        path = self.hold(first, ("val",))
        with open(path) as file:
            text = file.read().replace('"proc": "0"', '"proc": "0/other"')
        with open(path, "w") as file:
            file.write(text)
        self.assertNotEqual(self.run_text("import time; print(time.time())", REPRISE_HOLD=path).out, first.out)

    def test_a_recorded_pid_that_is_also_the_number_of_a_signal(self):
        """In a container ids are small."""
        first = self.run_text("import os; print(os.getpid())")
        path = self.hold(first, ("val",))
        with open(path) as file:
            text = file.read().replace('"%s"' % first.out.strip(), '"9"')
        with open(path, "w") as file:
            file.write(text)
        run = self.run_text(
            """\
            import os; print(os.getpid())
            import subprocess
            child = subprocess.Popen(["sleep", "60"])
            os.kill(child.pid, 9); os.kill(9, 0)
            print(child.wait())
            """,
            REPRISE_HOLD=path,
        )
        self.no_faults(run)
        self.assertEqual(run.out.split(), ["9", "-9"])

    def test_libraries_and_conversions_do_not_count(self):
        run = self.run_text(
            """
            import time, logging, uuid, random, tempfile, threading
            logging.warning("x"); tempfile.mkdtemp(); threading.Event().wait(0.01)
            time.gmtime(0); time.strftime("%Y", time.gmtime(5)); time.ctime(3)
            """
        )
        self.assertEqual(run.of("val"), [])

    def test_functions_behave_as_before(self):
        run = self.run_text(
            """
            import copy, datetime, inspect, os, pickle, time
            for one in (time.time, os.urandom, os.getpid, os.listdir, os.scandir, os._exit, time.strftime):
                assert pickle.loads(pickle.dumps(one)) is one and copy.deepcopy(one) is one, one
                assert repr(one).startswith("<built-in function"), one
            class Timer:
                clock = time.perf_counter
                now = datetime.datetime.now
            assert Timer().clock() > 0 and Timer().now()
            class Mine(datetime.datetime): pass
            assert type(Mine.now()) is Mine and type(Mine.today()) is Mine and isinstance(Mine.now(), datetime.datetime)
            assert pickle.loads(pickle.dumps(datetime.datetime.now()))
            assert datetime.datetime.now(tz=datetime.timezone.utc).tzinfo is datetime.timezone.utc
            try: datetime.datetime.now(1, 2)
            except TypeError: pass
            else: raise SystemExit("no TypeError")
            assert type(datetime.date.today()) is datetime.date
            assert isinstance(time.localtime(), time.struct_time) and time.localtime().tm_zone
            """
        )
        self.no_faults(run)

    def test_pandas_still_knows_its_time(self):
        from harness import has

        if not has("pandas"):
            self.skipTest("pandas is not installed for this Python")
        run = self.run_text("import pandas as pd, pickle; t = pd.Timestamp.now(); assert type(pickle.loads(pickle.dumps(t))) is pd.Timestamp; pd.Timestamp.today()")
        self.no_faults(run)


class Listings(Values):
    def setUp(self):
        super().setUp()
        for name in "abcdefgh":
            self.write("data/" + name)

    def orders(self, run):
        lists = json.loads(run.out.replace("'", '"'))
        self.assertEqual(lists.pop(), list("abcdefgh"))
        return lists

    def test_listings_are_recorded(self):
        run = self.run_text(LISTS)
        self.no_faults(run)
        names = {(one["l"], one["name"]): one["names"] for one in run.of("list")}
        native = os.listdir(os.path.join(self.project, "data"))
        for key in ((3, "os.listdir"), (4, "os.scandir"), (5, "glob.glob"), (6, "pathlib.iterdir")):
            self.assertEqual(names[key], native, key)
        self.assertEqual(run.of("list", l=3)[0]["p"], os.path.join(self.project, "data"))
        self.assertTrue(all(order == native for order in self.orders(run)))

    def test_they_are_mixed_by_the_salt(self):
        native = self.orders(self.run_text(LISTS))[0]
        first, again, other = (self.orders(self.run_text(LISTS, REPRISE_LISTING=salt)) for salt in ("a", "a", "b"))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        for order in first + other:
            self.assertNotEqual(order, native)
            self.assertEqual(sorted(order), sorted(native))

    def test_a_recorded_order_is_given_back(self):
        first = self.run_text(LISTS, REPRISE_LISTING="a")
        hold = self.hold(first, ("list",))
        self.write("data/zz-new")
        again = self.run_text(LISTS, REPRISE_HOLD=hold, REPRISE_LISTING="b")
        for before, after in zip(self.orders(first), json.loads(again.out.replace("'", '"'))):
            self.assertEqual(before + ["zz-new"], after)

    def test_scandir_keeps_its_manners(self):
        text = """
        import os, shutil, tempfile
        with os.scandir("data") as it:
            assert next(it).is_file()
        os.scandir("data").close(); list(os.scandir()); list(os.scandir(b"data")); os.listdir(b"data"); os.listdir(); os.listdir(None)
        fd = os.open("data", os.O_RDONLY); os.listdir(fd); list(os.scandir(fd))
        shutil.copytree("data", "copy"); shutil.rmtree("copy")
        for top, folders, files in os.walk("."): pass
        try: os.listdir("missing")
        except FileNotFoundError: pass
        else: raise SystemExit("no error")
        """
        self.no_faults(self.run_text(text))
        self.no_faults(self.run_text(text, REPRISE_LISTING="x"))


if __name__ == "__main__":
    unittest.main()
