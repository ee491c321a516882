"""A run that is to be resumed: checkpoints as they are written, the end at a step, states that are put back."""
import json
import os
import unittest

from harness import AgentTest, has

LIBRARIES = unittest.skipUnless(has("sklearn", "joblib", "numpy"), "scikit-learn is not installed for this Python")

SAVES = """
import os, pickle, random
random.seed(1)
own = random.Random(2)
if os.path.exists("last.pkl"):
    pickle.load(open("last.pkl", "rb"))
print(random.random(), own.random())
for name in ("last.pkl.part", "notes.txt", "last.pkl"):
    with open(name, "wb") as file:
        pickle.dump(1, file)
os.replace("last.pkl.part", "final.ckpt")
print(random.random(), own.random())
"""


class Resume(AgentTest):
    def setUp(self):
        super().setUp()
        self.states = os.path.join(self.root, "states")
        os.mkdir(self.states)

    def test_checkpoints_are_known_by_name_or_by_pattern(self):
        run = self.run_text(SAVES, REPRISE_CHECKPOINTS="1")
        self.no_faults(run)
        told = [(os.path.basename(one["p"]), one["how"], one["existed"], one["n"], one["l"]) for one in run.of("saved")]
        self.assertEqual(told, [("last.pkl", "open", False, 0, 9), ("final.ckpt", "rename", False, 1, 11)])
        run = self.run_text(SAVES, REPRISE_CHECKPOINTS="*.txt\nfinal*")
        self.assertEqual([os.path.basename(one["p"]) for one in run.of("saved")], ["notes.txt", "final.ckpt"])

    def test_states_are_put_back_after_the_load(self):
        first = self.run_text(SAVES, REPRISE_CHECKPOINTS="1", REPRISE_STATES=self.states).out.split("\n")
        with open(os.path.join(self.states, "0-0.json")) as file:
            self.assertEqual(set(json.load(file)), {"rng.random", "rng.own:own"})
        self.assertEqual(self.run_text(SAVES, REPRISE_CHECKPOINTS="1").out.split("\n")[0], first[0])
        run = self.run_text(SAVES, REPRISE_CHECKPOINTS="1", REPRISE_STATES=self.states, REPRISE_PUT="0 rng.random rng.own:own")
        self.no_faults(run)
        (put,) = run.of("putback")
        self.assertEqual((put["when"], put["names"]), ("loaded", ["rng.random", "rng.own:own"]))
        self.assertEqual(run.out.split("\n")[0], first[1])

    def test_it_ends_before_the_save_that_was_named(self):
        run = self.run_text(SAVES, REPRISE_CHECKPOINTS="1", REPRISE_HALT="save 1 TERM", code=None)
        self.assertEqual((run.code, len(run.of("saved")), len(run.of("halt"))), (-15, 1, 1))
        self.assertFalse(os.path.exists(os.path.join(self.project, "final.ckpt")))

    @LIBRARIES
    def test_it_ends_after_a_step_and_tells_how_many_were_made(self):
        run = self.run_text(
            """
            import joblib, numpy as np
            from sklearn.linear_model import SGDClassifier
            model, x = SGDClassifier(), np.arange(12.0).reshape(6, 2)
            for part in range(4):
                model.partial_fit(x, [0, 1] * 3, classes=[0, 1])
                joblib.dump(model, "model.joblib")
            """,
            REPRISE_CHECKPOINTS="1",
            REPRISE_STEPS="all",
            REPRISE_HALT="step 3 TERM",
            code=None,
        )
        self.assertEqual(run.code, -15)
        self.assertEqual([one["steps"] for one in run.of("saved")], [1, 2])
        self.assertEqual([one["steps"] for one in run.of("halt")], [3])

    def test_nothing_of_it_is_there_unasked(self):
        run = self.run_text("import sys\nprint([name for name in sys.modules if name.endswith(('checkpoints', 'nthstate', 'putback'))])\n")
        self.assertEqual(run.out, "[]\n")


if __name__ == "__main__":
    unittest.main()
