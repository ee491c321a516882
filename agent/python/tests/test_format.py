"""Every line that the agent writes fits schema/events.json, and so do the fixtures."""
import json
import os
import unittest

from harness import HERE, AgentTest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict, "null": type(None)}

LIBRARY = {"seed", "claim", "reference", "checkpoint"}
RESUME = {"saved", "halt", "putback"}


def fits(value, schema):
    """As much of JSON Schema as events.json uses."""
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not any(isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in kinds):
        return False
    if isinstance(value, int) and value < schema.get("minimum", value):
        return False
    if isinstance(value, list):
        return all(fits(one, schema["items"]) for one in value)
    if isinstance(value, dict) and "properties" in schema:
        return all(name in value for name in schema["required"]) and all(
            fits(one, schema["properties"][name]) for name, one in value.items() if name in schema["properties"]
        )
    return True


class Format(AgentTest):
    def setUp(self):
        super().setUp()
        with open(os.path.join(TOP, "schema", "events.json")) as file:
            self.kinds = {one["title"]: one for one in json.load(file)["oneOf"]}

    def check(self, line):
        self.assertTrue(fits(line, self.kinds[line["e"]]), line)

    def test_fixtures(self):
        with open(os.path.join(TOP, "test", "fixtures", "events", "v1.jsonl")) as file:
            lines = [json.loads(line) for line in file]
        for line in lines:
            self.check(line)
        self.assertEqual({line["e"] for line in lines}, set(self.kinds))

    def test_what_a_run_writes(self):
        run = self.run_text(
            """
            import random, time, os, subprocess, sys, socket
            random.seed(1); random.Random(); time.time(); os.listdir(); open("x", "w"); open("x"); os.rename("x", "y"); os.remove("y")
            subprocess.call([sys.executable, "-c", "import random; random.random()"])
            try: socket.getaddrinfo("localhost", 1)
            except OSError: pass
            exec(compile("import uuid; uuid.uuid4()", os.__file__, "exec"), {"__name__": "library"})
            from concurrent.futures import ThreadPoolExecutor
            ThreadPoolExecutor(2).shutdown()
            pid = os.fork()
            if pid == 0: os._exit(0)
            os.waitpid(pid, 0)
            import warnings
            warnings.warn("put_ does not have a deterministic implementation")
            """,
            REPRISE_POLICY="warn:torch-algorithms,threads",
            REPRISE_SERIAL="workers",
        )
        for line in run.events:
            line = dict(line)
            if line["e"] not in ("hello", "fork"):
                del line["proc"]
            self.check(line)
        self.assertEqual({line["e"] for line in run.events}, set(self.kinds) - RESUME - {"cell", "fault", "metric", "pace", "param", "step"} - LIBRARY)


if __name__ == "__main__":
    unittest.main()
