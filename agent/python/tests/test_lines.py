"""The line trace names what changed on which line."""
import os
import re
import unittest

from harness import has
from traces import TraceTest

class Lines(TraceTest):
    def test_a_variable_belongs_to_the_line_that_bound_it(self):
        trace = self.traced("def f(a):\n    b = a + 1\n    c = [b]\n    c.append(a)\n    return c\n\nx = f(2)\ny = x[0]\n")
        self.assertEqual(trace.at(2), {"b": "i:3"})
        self.assertEqual(trace.at(3), {"c": "l[1](i:3)"})
        self.assertEqual(trace.at(4), {"c": "l[2](i:3,i:2)"})
        self.assertEqual(trace.at(5), {"return": "l[2](i:3,i:2)"})
        self.assertEqual(trace.at(7), {":x": "l[2](i:3,i:2)"})
        self.assertEqual(trace.at(8), {":y": "i:3"})

    def test_attributes_closures_and_globals_are_variables_too(self):
        trace = self.traced(
            """
            class Box:
                def __init__(self):
                    self.n = 0
                    self.items = []
                def add(self, item):
                    self.n += 1
                    self.items.append(item)
                    return self
            def count():
                total = 0
                def inc():
                    nonlocal total
                    total += 1
                inc()
            known = []
            def learn():
                known.append(1)
            box = Box()
            box.add(5)
            count()
            learn()
            """
        )
        self.assertEqual(trace.at(4), {"self.n": "i:0"})
        self.assertEqual(trace.at(7), {"self.n": "i:1"})
        self.assertEqual(trace.at(8), {"self.items": "l[1](i:5)"})
        self.assertEqual(trace.at(14), {"total": "i:1"})
        self.assertEqual(trace.at(15)["total"], "i:1")
        self.assertEqual(trace.at(18), {":known": "l[1](i:1)"})
        self.assertEqual(trace.at(20)[":box"], "o:Box(n=i:1,items=l[1](i:5))")

    def test_generators_exceptions_and_recursion_keep_their_activations_apart(self):
        trace = self.traced(
            """
            def numbers(n):
                for i in range(n):
                    yield i * 2
            def fall(n):
                if n == 0:
                    raise KeyError("k")
                return fall(n - 1)
            a, b = numbers(2), numbers(3)
            x = next(a)
            y = next(b) + next(b)
            try:
                fall(2)
            except KeyError as error:
                got = error.args
            """
        )
        self.assertEqual([found.get("yield") for line, found in trace.lines("numbers") if "yield" in found], ["i:0", "i:0", "i:2"])
        self.assertEqual([found["raise"] for line, found in trace.lines("fall") if "raise" in found], ["KeyError"] * 3)
        self.assertEqual(trace.at(15)[":got"], 't[1](s:"k")')
        self.assertEqual(len([row for row in trace.rows if row[0] == "C" and trace.names[row[2]] == "numbers"]), 2)

    def test_a_draw_shows_on_its_line(self):
        trace = self.traced("import random\nx = 1\ny = random.random()\nz = 2\nrandom.seed(3)\nw = 3\n")
        drew = [line for line, found in trace.lines() if "rng.random" in found]
        self.assertEqual(drew, [3, 5])

    def test_the_order_of_a_set_is_part_of_its_value(self):
        text = "names = {'a', 'b', 'c', 'd', 'e'}\n"
        values = {self.traced(text, PYTHONHASHSEED=str(seed)).at(1)[":names"] for seed in range(1, 6)}
        self.assertGreater(len(values), 1)

    def test_values_have_no_addresses(self):
        text = """
        import functools, threading, io
        class A: pass
        def f(): yield 1
        values = [object(), A(), f, f(), len, A, threading.Lock(), io.StringIO(), functools.partial(f), lambda: 0, iter([]), A().__init__]
        held = {"a": values, "b": (values,)}
        """
        first, second = self.traced(text), self.traced(text, PYTHONMALLOC="malloc")
        self.assertEqual(first.rows, second.rows)
        self.assertIsNone(re.search("0x[0-9a-f]{6}", repr(first.rows)))

    def test_threads_have_records_of_their_own(self):
        trace = self.traced(
            """
            import threading
            def work(n):
                v = n * 2
            threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
            for one in threads:
                one.start()
                one.join()
            """
        )
        self.assertEqual(sorted(found["v"] for line, found in trace.lines("work") if "v" in found), ["i:0", "i:2"])
        self.assertEqual(len([row for row in trace.rows if row[0] == "T"]), 2)

    def test_processes_have_files_of_their_own(self):
        text = """
        import multiprocessing as mp
        def work(k):
            v = k + 1
            return v
        if __name__ == "__main__":
            for how in ("fork", "spawn"):
                child = mp.get_context(how).Process(target=work, args=(3,), name="Child-" + how)
                child.start()
                child.join()
        """
        self.traced(text)
        self.assertEqual(sorted(self.traces), ["0", "0/Child-spawn", "0/fork0"])
        for key in ("0/Child-spawn", "0/fork0"):
            self.assertIn(("v", "i:4"), [pair for line, found in self.traces[key].lines("work") for pair in found.items()])

    def test_the_end_is_marked_and_a_cut_too(self):
        self.assertEqual(self.traced("x = 1\n").rows[-1], ["E"])
        self.assertEqual(self.traced("import os\nx = 1\nos._exit(0)\n").rows[-1], ["E"])
        trace = self.traced("x = 0\nwhile x < 1000:\n    x += 1\n", REPRISE_TRACE_MOST=100)
        self.assertEqual(trace.rows[-1][0], "X")
        self.assertLess(len(trace.rows), 110)
        text = "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end:\n    x = 1\nprint('done')\n"
        trace = self.traced(text, REPRISE_TRACE_SECONDS=1)
        self.assertEqual((trace.rows[-1], self.out), (["X", '"1 seconds"'], "done\n"))

    def test_another_tracer_keeps_its_place(self):
        text = "import sys\nseen = []\n%s\ndef f():\n    return 1\nf()\nprint(len(seen) > 0)\n"
        for tracer in ("sys.settrace(lambda *a: seen.append(1))",):
            self.traced(text % tracer, faults=["lines"])
            self.assertEqual(self.out, "True\n")

    def test_an_exception_of_a_signal_handler_reaches_the_program(self):
        text = """
        import signal
        class Late(Exception): pass
        def handler(number, frame): raise Late()
        signal.signal(signal.SIGALRM, handler)
        caught = 0
        for turn in range(400):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0003 + 0.000003 * turn)
                numbers = []
                while True:
                    numbers.append(1)
                    if len(numbers) > 300: numbers = []
            except Late:
                caught += 1
        print(caught)
        """
        folder = os.path.join(self.root, "signals")
        os.mkdir(folder)
        self.assertEqual(self.run_text(text, REPRISE_TRACE=folder).out, "400\n")

    @unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
    def test_parameters_gradients_and_data_changed_past_the_version(self):
        trace = self.traced(
            """
            import torch
            net = torch.nn.Linear(100, 100)
            w = torch.zeros(50, 50)
            opt = torch.optim.SGD(net.parameters(), lr=0.1)
            loss = net(torch.ones(2, 100)).sum()
            loss.backward()
            opt.step()
            w.data.add_(1)
            w[3, 4] = 7
            print(w.sum().item())
            net.weight.data *= 2
            """
        )
        self.assertIn(":net", trace.at(7))
        self.assertIn(":net", trace.at(8))
        self.assertIn(":w", trace.at(9))
        self.assertIn(":w", trace.at(10))
        self.assertEqual(trace.at(11), {})
        self.assertIn(":net", trace.at(12))

    def test_a_step_range_traces_only_that(self):
        if not has("torch"):
            self.skipTest("torch is not installed for this Python")
        text = """
        import torch
        w = torch.nn.Parameter(torch.ones(2))
        opt = torch.optim.SGD([w], lr=0.1)
        for i in range(6):
            opt.zero_grad()
            (w * i).sum().backward()
            opt.step()
        """
        trace = self.traced(text, REPRISE_STEPS="all", REPRISE_TRACE_FROM=2, REPRISE_TRACE_TO=4)
        self.assertEqual([found[":i"] for line, found in trace.lines() if ":i" in found], ["i:2", "i:3"])
        self.assertEqual([row[2] for row in trace.rows if row[0] == "S"], ["2", "3"])
        self.assertEqual(trace.rows[-1], ["E"])


if __name__ == "__main__":
    unittest.main()
