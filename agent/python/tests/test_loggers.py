"""What a program gives to its own loggers arrives, each number once, and the loggers' files stay as they were."""
import json
import os
import unittest

from harness import AgentTest, has
from test_format import TOP, fits

TENSORBOARD = """
    import math
    import numpy as np
    from tensorboardX import SummaryWriter
    train, val = SummaryWriter("out/train"), SummaryWriter("out/val")
    for step in range(50):
        train.add_scalar("loss", 1 / (step + 3), step)
    val.add_scalar("loss", np.float32(0.1), global_step=7)
    val.add_scalar("bad", float("nan"))
    val.add_scalar("far", -math.inf, 1)
    train.add_scalars("both", {"a": 1, "b": 2.5}, 3)
    train.add_hparams({"lr": 0.5, "api_key": "hunter2"}, {"hparam/acc": 0.75})
    try:
        train.add_scalar("wrong", object(), 1)
    except Exception as error:
        print(type(error).__name__)
    train.close(), val.close()
"""

MLFLOW = """
    import mlflow
    mlflow.set_tracking_uri("file:out")
    with mlflow.start_run():
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"depth": 3, "name": "net"})
        for step in range(20):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": 0.5, "f1": float("nan")}, step=3)
        mlflow.log_metric("late", 4, step=1, synchronous=False)
    with mlflow.start_run():
        mlflow.log_metric("loss", 9.0)
    client = mlflow.MlflowClient()
    print(sum(len(client.get_metric_history(run.info.run_id, key)) for run in client.search_runs(["0"]) for key in run.data.metrics))
"""

WANDB = """
    import wandb
    with wandb.init(project="p", config={"lr": 0.1, "net": {"depth": 3}}) as run:
        run.config.batch = 32
        wandb.config.update({"late": "x", "wandb_token": "hunter2"})
        for i in range(20):
            wandb.log({"loss": 1 / (i + 1), "nested": {"acc": i}, "text": "no number"})
        run.log({"val": float("inf")}, step=30)
    with wandb.init(project="p", config={"lr": 0.2}) as run:
        run.log({"loss": 7})
"""


class Loggers(AgentTest):
    def whole(self, run):
        """Nothing failed, and every line is as the schema has it."""
        self.no_faults(run)
        with open(os.path.join(TOP, "schema", "events.json")) as file:
            kinds = {one["title"]: one for one in json.load(file)["oneOf"]}
        for line in run.of("metric") + run.of("param"):
            self.assertTrue(fits(line, kinds[line["e"]]), line)

    def points(self, run, source, name, which=0):
        found = [one for one in run.of("metric", src=source, name=name) if one.get("run", 0) == which]
        return [(one["step"], one["value"]) for one in found]

    @unittest.skipUnless(has("tensorboardX", "numpy"), "tensorboardX is not installed")
    def test_tensorboard_writers_are_told_once_they_have_written(self):
        run = self.run_text(TENSORBOARD)
        self.whole(run)
        self.assertEqual(self.points(run, "tensorboardX", "loss"), [(step, 1 / (step + 3)) for step in range(50)])
        self.assertEqual(self.points(run, "tensorboardX", "loss", 1), [(7, 0.10000000149011612)])
        self.assertEqual(self.points(run, "tensorboardX", "bad", 1), [(None, "NaN")])
        self.assertEqual(self.points(run, "tensorboardX", "far", 1), [(1, "-Infinity")])
        self.assertEqual(self.points(run, "tensorboardX", "both/a"), [(3, 1)])
        self.assertEqual(self.points(run, "tensorboardX", "both/b"), [(3, 2.5)])
        self.assertEqual(self.points(run, "tensorboardX", "hparam/acc"), [(None, 0.75)])
        self.assertEqual({one["name"]: one["value"] for one in run.of("param")}, {"lr": "0.5", "api_key": "<secret>"})
        self.assertEqual(run.of("metric", name="wrong"), [])
        self.assertEqual(len(run.of("metric")), 56)
        self.assertEqual(run.out, self.run_text(TENSORBOARD, root=None).out)

    @unittest.skipUnless(has("torch", "tensorboard"), "tensorboard is not installed")
    def test_the_writer_of_torch(self):
        run = self.run_text("""
            import torch
            from torch.utils.tensorboard import SummaryWriter
            with SummaryWriter("out") as writer:
                weight = torch.ones((), requires_grad=True)
                writer.add_scalar("loss", weight * 0.25, 1)
        """)
        self.whole(run)
        self.assertEqual(self.points(run, "tensorboard", "loss"), [(1, 0.25)])
        self.assertNotIn("Warning", run.err)

    @unittest.skipUnless(has("mlflow"), "mlflow is not installed")
    def test_mlflow_is_told_once_whichever_of_its_functions_was_called(self):
        run = self.run_text(MLFLOW, MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_ALLOW_FILE_STORE="true")
        self.whole(run)
        self.assertEqual(self.points(run, "mlflow", "loss"), [(step, 1 / (step + 1)) for step in range(20)])
        self.assertEqual(self.points(run, "mlflow", "loss", 1), [(0, 9.0)])
        self.assertEqual(self.points(run, "mlflow", "f1"), [(3, "NaN")])
        self.assertEqual(self.points(run, "mlflow", "acc"), [(3, 0.5)])
        self.assertEqual(self.points(run, "mlflow", "late"), [(1, 4)])
        self.assertEqual({one["name"]: one["value"] for one in run.of("param")}, {"lr": "0.1", "depth": "3", "name": "net"})
        self.assertEqual(int(run.out), len(run.of("metric")))

    @unittest.skipUnless(has("mlflow", "sklearn"), "mlflow is not installed")
    def test_mlflow_sends_again_what_a_run_has_when_it_logs_a_model(self):
        run = self.run_text("""
            import mlflow, mlflow.sklearn
            from sklearn.linear_model import LinearRegression
            mlflow.set_tracking_uri("sqlite:///out.db")
            client = mlflow.MlflowClient()
            model = LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])
            with mlflow.start_run() as active:
                run = active.info.run_id
                mlflow.log_metric("a", 0.5, step=1)
                mlflow.log_metrics({"b": 1.0, "c": 2.0}, step=1)
                client.log_metric(run, "d", 3.0, step=1)
                mlflow.sklearn.log_model(model, name="one", step=1, pip_requirements=[])
                mlflow.sklearn.log_model(model, name="two", step=1, pip_requirements=[])
                mlflow.log_metrics({"e": 4.0}, step=1)
                mlflow.log_metric("f", 5.0, step=1)
                mlflow.log_metrics({"e": 4.0}, step=2)
            history = {key: client.get_metric_history(run, key) for key in "abcdef"}
            print(sorted((key, len({(one.timestamp, one.step, one.value) for one in points})) for key, points in history.items()))
        """, MLFLOW_DISABLE_TELEMETRY="true")
        self.whole(run)
        counts = {}
        for one in run.of("metric"):
            counts[one["name"]] = counts.get(one["name"], 0) + 1
        self.assertEqual(run.out.splitlines()[-1], str(sorted(counts.items())))
        self.assertEqual(counts, {"a": 1, "b": 1, "c": 1, "d": 1, "e": 2, "f": 1})

    @unittest.skipUnless(has("wandb"), "wandb is not installed")
    def test_wandb_offline_and_disabled(self):
        for mode in ("offline", "disabled"):
            run = self.run_text(WANDB, WANDB_MODE=mode, WANDB_SILENT="true")
            self.whole(run)
            self.assertEqual(self.points(run, "wandb", "loss"), [(None, 1 / (step + 1)) for step in range(20)], mode)
            self.assertEqual(self.points(run, "wandb", "nested.acc"), [(None, step) for step in range(20)], mode)
            self.assertEqual(self.points(run, "wandb", "val"), [(30, "Infinity")], mode)
            self.assertEqual(self.points(run, "wandb", "loss", 1), [(None, 7)], mode)
            params = {(one["name"], one.get("run", 0)): one["value"] for one in run.of("param")}
            first = {"lr": "0.1", "net.depth": "3", "batch": "32", "late": "x", "wandb_token": "<secret>"}
            self.assertEqual(params, {**{(name, 0): value for name, value in first.items()}, ("lr", 1): "0.2"}, mode)

    @unittest.skipUnless(has("keras", "torch"), "keras is not installed")
    def test_keras(self):
        run = self.run_text("""
            import json, keras, numpy as np
            model = keras.Sequential([keras.layers.Dense(1)])
            model.compile("sgd", "mse", metrics=["mae"])
            x = np.ones((8, 2), "float32")
            history = model.fit(x, x[:, :1], epochs=3, verbose=0, validation_split=0.25).history
            print(json.dumps(history))
        """, KERAS_BACKEND="torch")
        self.whole(run)
        history = json.loads(run.out)
        self.assertEqual(set(history), {"loss", "mae", "val_loss", "val_mae"})
        for name, values in history.items():
            self.assertEqual(self.points(run, "keras", name), list(enumerate(values)))
        self.assertEqual(len(run.of("metric")), 12)

    @unittest.skipUnless(has("pytorch_lightning", "torch"), "lightning is not installed")
    def test_lightning(self):
        run = self.run_text("""
            import csv, json, torch, pytorch_lightning as lightning
            from pytorch_lightning.loggers import CSVLogger
            class Net(lightning.LightningModule):
                def __init__(self, lr=0.1, net={"depth": 3}):
                    super().__init__()
                    self.save_hyperparameters()
                    self.one = torch.nn.Linear(2, 1)
                def training_step(self, batch, index):
                    loss = self.one(batch).pow(2).mean()
                    self.log("loss", loss)
                    return loss
                def configure_optimizers(self):
                    return torch.optim.SGD(self.parameters(), 0.1)
            data = torch.utils.data.DataLoader(torch.ones(8, 2), batch_size=2)
            logger = CSVLogger("out")
            quiet = dict(enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False)
            lightning.Trainer(max_epochs=3, logger=logger, log_every_n_steps=2, accelerator="cpu", **quiet).fit(Net(), data)
            with open(logger.log_dir + "/metrics.csv") as file:
                rows = [[int(row["step"]), float(row["loss"])] for row in csv.DictReader(file)]
            CSVLogger("other").log_metrics({"own": 0.5}, step=7)
            print(json.dumps(rows))
        """)
        self.whole(run)
        rows = [tuple(row) for row in json.loads(run.out.splitlines()[-1])]
        self.assertEqual(len(rows), 6)
        self.assertEqual(self.points(run, "lightning", "loss"), rows)
        self.assertEqual(self.points(run, "lightning", "own"), [(7, 0.5)])
        self.assertEqual({one["name"]: one["value"] for one in run.of("param")}, {"lr": "0.1", "net.depth": "3"})

    @unittest.skipUnless(has("transformers", "accelerate", "torch"), "transformers is not installed")
    def test_the_trainer_of_transformers(self):
        run = self.run_text("""
            import json, torch
            from transformers import Trainer, TrainingArguments
            class Net(torch.nn.Module):
                def __init__(self):
                    super().__init__()
                    self.one = torch.nn.Linear(2, 1)
                def forward(self, x, labels=None):
                    return {"loss": (self.one(x) - labels).pow(2).mean()}
            data = [{"x": torch.ones(2), "labels": torch.ones(1)} for _ in range(8)]
            args = TrainingArguments("out", num_train_epochs=2, per_device_train_batch_size=2, logging_steps=1, report_to=[],
                                     use_cpu=True, save_strategy="no", disable_tqdm=True)
            trainer = Trainer(Net(), args, train_dataset=data)
            trainer.train()
            print(json.dumps(trainer.state.log_history))
        """)
        self.whole(run)
        history = json.loads(run.out.splitlines()[-1])
        sent = [(name, line["step"], value) for line in history for name, value in line.items() if name != "step"]
        self.assertEqual(sum("loss" == name for name, _, _ in sent), 8)
        self.assertEqual([(one["name"], one["step"], one["value"]) for one in run.of("metric", src="transformers")], sent)
        params = {one["name"]: one["value"] for one in run.of("param", src="transformers")}
        self.assertEqual((params["num_train_epochs"], params["seed"], "output_dir" in params), ("2", "42", False))

    @unittest.skipUnless(has("tensorboardX", "numpy"), "tensorboardX is not installed")
    def test_a_full_disk_of_ours_is_no_matter_of_the_logger(self):
        full = """
            import os, sys
            sink = sys.modules.get("reprise_agent.sink")
            if sink is not None:
                sink._fd, sink._path = os.open("/dev/full", os.O_WRONLY), "/dev/full"
                status = os.fstat(sink._fd)
                sink._ino, sink._dev = status.st_ino, status.st_dev
        """
        run = self.run_text(full.rstrip() + TENSORBOARD.replace("\n", "\n        ") + "    print(len(os.listdir('out')))")
        self.assertEqual(run.of("metric"), [])
        self.assertEqual(run.out, self.run_text(TENSORBOARD + "    import os; print(len(os.listdir('out')))", root=None).out)
        self.assertNotIn("reprise", run.err)

    def test_a_long_series_is_counted_and_digested_to_its_end(self):
        self.write("tensorboardX/__init__.py", "from .writer import SummaryWriter")
        self.write("tensorboardX/writer.py", "class SummaryWriter:\n    def add_scalar(self, *args): pass")
        text = """
            import os, sys
            from tensorboardX import SummaryWriter
            writer = SummaryWriter()
            writer.add_scalar("loss", 1.0, 0)
            sys.modules["reprise_agent.logged"]._MOST = 3
            for step in range(1, 9):
                writer.add_scalar("loss", LATE if step == 6 else 1.0, step)
        """
        digests = []
        for late in ("1.0", "1.0", "1.5"):
            run = self.run_text(text.replace("LATE", late))
            self.whole(run)
            self.assertEqual(self.points(run, "tensorboardX", "loss"), [(step, 1.0) for step in range(4)] + [(None, None)])
            self.assertEqual(run.of("metric")[-1]["count"], 9)
            digests.append(run.of("metric")[-1]["rest"])
        self.assertEqual([digests[0] == other for other in digests], [True, True, False])
        # A process that is killed has no end: one point more than are kept says so.
        killed = self.run_text(text.replace("LATE", "1.0") + "    os.kill(os.getpid(), 9)", code=-9)
        self.assertEqual(self.points(killed, "tensorboardX", "loss"), [(step, 1.0) for step in range(4)])

    def test_a_logger_that_is_there_but_not_used_says_nothing(self):
        self.assertEqual(self.run_text("import logging").of("metric"), [])


if __name__ == "__main__":
    unittest.main()
