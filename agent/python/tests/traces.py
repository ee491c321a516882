"""Runs a program with the line trace on and reads what was traced."""
import json
import os

from harness import AgentTest


class Trace:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        self.proc = json.loads(lines[0])["proc"]
        self.rows = [line.split("\t") for line in lines[1:] if line]
        self.calls, self.names = {}, {}
        for row in self.rows:
            row = row[1:] if row[0].startswith("@") else row
            if row[0] == "U":
                self.names[row[1]] = json.loads(row[4])
            elif row[0] == "C":
                self.calls[row[1]] = self.names[row[2]]

    def lines(self, function=None):
        """(line, {variable: text}) of every line that ran; with function only those of it."""
        found = []
        for row in self.rows:
            row = row[1:] if row[0].startswith("@") else row
            if row[0] in "LRY" and function in (None, self.calls[row[1]].rpartition(".")[2]):
                found.append((int(row[2]), dict(part.replace("~", "=", 1).split("=", 1) if "=" not in part.split("~")[0] else part.split("=", 1) for part in row[3:])))
        return found

    def at(self, line):
        """What changed on a line, all times it ran taken together."""
        changes = {}
        for number, found in self.lines():
            if number == line:
                changes.update(found)
        return changes


class TraceTest(AgentTest):
    def traced(self, text, faults=(), **options):
        folder = os.path.join(self.root, "trace-%d" % self.runs)
        os.mkdir(folder)
        run = self.run_text(text, REPRISE_TRACE=folder, **options)
        self.assertEqual([one["what"] for one in run.of("fault")], list(faults), run.of("fault"))
        self.traces = {one.proc: one for one in [Trace(os.path.join(folder, name)) for name in os.listdir(folder)]}
        self.out = run.out
        return self.traces.get("0")
