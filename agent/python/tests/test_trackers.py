"""Trackers, trainers and boosters: what each got against what was told of it, counts and values."""
import json
import os
import unittest

from harness import AgentTest, has


class Trackers(AgentTest):
    def points(self, run, source, name, which=0):
        found = [one for one in run.of("metric", src=source, name=name) if one.get("run", 0) == which]
        return [(one["step"], one["value"]) for one in found]

    def series(self, run, source):
        """Every series of a source, by name and run: its values."""
        found = {}
        for one in run.of("metric", src=source):
            found.setdefault("%s #%d" % (one["name"], one.get("run", 0)), []).append(one["value"])
        return found

    def params(self, run, source):
        return {one["name"]: one["value"] for one in run.of("param", src=source)}

    def last(self, run):
        return json.loads(run.out.splitlines()[-1])

    @unittest.skipUnless(has("xgboost", "numpy"), "xgboost is not installed")
    def test_xgboost(self):
        run = self.run_text("""
            import json, numpy as np, xgboost as xgb
            x = np.arange(40.0).reshape(20, 2); y = x[:, 0] % 3
            data, told = xgb.DMatrix(x, y), []
            for depth in (1, 2):
                results = {}
                xgb.train({"max_depth": depth}, data, 4, evals=[(data, "train")], evals_result=results, verbose_eval=False)
                told.append(results)
            model = xgb.XGBRegressor(n_estimators=3, eval_metric=["rmse", "mae"]).fit(x, y, eval_set=[(x, y)], verbose=False)
            told.append(model.evals_result())
            cv = xgb.cv({"max_depth": 2}, data, 3, nfold=2, as_pandas=False)
            xgb.train({"max_depth": 1}, data, 2)
            print(json.dumps([told, cv]))
        """)
        self.no_faults(run)
        told, cv = self.last(run)
        expected = {}
        for fit, results in enumerate(told):
            for data, metrics in results.items():
                for name, values in metrics.items():
                    expected["%s-%s #%d" % (data, name, fit)] = values
        expected.update({"%s #3" % name[:-5]: values for name, values in cv.items() if name.endswith("-mean")})
        self.assertEqual(self.series(run, "xgboost"), expected)
        self.assertEqual([step for step, _ in self.points(run, "xgboost", "train-rmse")], [0, 1, 2, 3])

    @unittest.skipUnless(has("lightgbm", "numpy"), "lightgbm is not installed")
    def test_lightgbm(self):
        text = """
            import json, numpy as np, lightgbm as lgb
            x = np.arange(400.0).reshape(200, 2); y = x[:, 0] % 3
            results, told = {}, []
            data = lgb.Dataset(x, y)
            lgb.train({"verbose": -1}, data, 4, valid_sets=[data], callbacks=[lgb.record_evaluation(results)])
            told.append(results)
            model = lgb.LGBMRegressor(n_estimators=3, verbose=-1).fit(x, y, eval_set=[(x, y)], eval_metric=["l2", "l1"])
            told.append(model.evals_result_)
            lgb.train({"verbose": -1}, data, 2)
            print(json.dumps(told))
        """
        for more in ({}, {"REPRISE_STEPS": "all"}):
            run = self.run_text(text, **more)
            self.no_faults(run)
            expected = {}
            for fit, results in enumerate(self.last(run)):
                for data, metrics in results.items():
                    for name, values in metrics.items():
                        expected["%s-%s #%d" % (data, name, fit)] = values
            self.assertEqual(self.series(run, "lightgbm"), expected)

    @unittest.skipUnless(has("catboost", "numpy"), "catboost is not installed")
    def test_catboost(self):
        run = self.run_text("""
            import json, numpy as np
            from catboost import CatBoostRegressor
            x = np.arange(40.0).reshape(20, 2); y = x[:, 0] % 3
            quiet = dict(verbose=False, allow_writing_files=False)
            first = CatBoostRegressor(iterations=4, **quiet).fit(x, y, eval_set=(x, y))
            second = CatBoostRegressor(iterations=3, **quiet).fit(x, y)
            print(json.dumps([first.get_evals_result(), second.get_evals_result()]))
        """)
        self.no_faults(run)
        expected = {}
        for fit, results in enumerate(self.last(run)):
            for data, metrics in results.items():
                for name, values in metrics.items():
                    expected["%s-%s #%d" % (data, name, fit)] = values
        self.assertEqual(len(expected), 3)
        self.assertEqual(self.series(run, "catboost"), expected)

    @unittest.skipUnless(has("tqdm"), "tqdm is not installed")
    def test_tqdm(self):
        run = self.run_text("""
            from tqdm import tqdm
            for epoch in range(2):
                with tqdm(total=3, disable=epoch == 1) as bar:
                    for i in range(3):
                        bar.update(1)
                        bar.set_postfix({"loss": 1 / (i + 3)}, acc="%.2f" % (i / 4), best="none", v_num=3, refresh=i == 2)
        """)
        self.no_faults(run)
        losses = [(i + 1, 1 / (i + 3)) for i in range(3)]
        self.assertEqual(self.points(run, "tqdm", "loss")[:3], losses)
        self.assertEqual([value for _, value in self.points(run, "tqdm", "loss")], [value for _, value in losses] * 2)
        self.assertEqual(self.points(run, "tqdm", "acc")[:3], [(1, 0.0), (2, 0.25), (3, 0.5)])
        self.assertEqual(len(run.of("metric")), 12)

    @unittest.skipUnless(has("sacred"), "sacred is not installed")
    def test_sacred(self):
        run = self.run_text("""
            from sacred import Experiment
            from sacred.observers import FileStorageObserver
            ex = Experiment("e", save_git_info=False)
            ex.observers.append(FileStorageObserver("out"))
            ex.add_config(lr=0.1, net={"depth": 3}, api_key="hunter2")
            @ex.main
            def main(_run, lr):
                for step in range(4):
                    _run.log_scalar("loss", lr / (step + 1), step * 10)
                    ex.log_scalar("acc", step)
            ex.run(); ex.run()
        """)
        self.no_faults(run)
        losses = [0.1 / (step + 1) for step in range(4)]
        with open(os.path.join(self.project, "out", "1", "metrics.json")) as file:
            sent = json.load(file)
        self.assertEqual(sent["loss"]["values"], losses)
        self.assertEqual(self.points(run, "sacred", "loss"), list(zip(sent["loss"]["steps"], losses)))
        self.assertEqual(self.points(run, "sacred", "acc", 1), list(zip(sent["acc"]["steps"], sent["acc"]["values"])))
        self.assertEqual(len(run.of("metric")), 16)
        params = self.params(run, "sacred")
        self.assertEqual((params["lr"], params["net.depth"], params["api_key"]), ("0.1", "3", "<secret>"))

    @unittest.skipUnless(has("comet_ml"), "comet_ml is not installed")
    def test_comet_offline(self):
        run = self.run_text("""
            import glob, json, comet_ml, zipfile
            quiet = dict(log_code=False, log_env_details=False, auto_output_logging=False, parse_args=False, display_summary_level=0)
            experiment = comet_ml.OfflineExperiment(project_name="p", workspace="w", offline_directory="out", **quiet)
            experiment.log_parameters({"lr": 0.1, "net": {"depth": 3}})
            for step in range(3):
                experiment.log_metric("loss", 1 / (step + 1), step=step)
            with experiment.train():
                experiment.log_metrics({"acc": 0.5, "f1": 0.25}, step=9)
            experiment.end()
            sent = []
            for name in glob.glob("out/*.zip"):
                with zipfile.ZipFile(name) as archive:
                    for line in archive.read("messages.json").decode().splitlines():
                        message = json.loads(line)
                        if message["type"] == "metric_msg":
                            metric = message["payload"]["metric"]
                            sent.append([metric["metricName"], metric["step"], float(metric["metricValue"])])
            print(json.dumps(sent))
        """, COMET_DISABLE_AUTO_LOGGING="1", COMET_LOGGING_CONSOLE="ERROR")
        self.no_faults(run)
        self.assertEqual(self.points(run, "comet", "loss"), [(step, 1 / (step + 1)) for step in range(3)])
        self.assertEqual(self.points(run, "comet", "train_acc"), [(9, 0.5)])
        self.assertEqual([one["name"] for one in run.of("metric", src="comet")], ["loss"] * 3 + ["train_acc", "train_f1", "process duration"])
        self.assertEqual(self.params(run, "comet")["lr"], "0.1")
        self.assertEqual(sum(name in ("loss", "acc", "f1", "train_acc", "train_f1") for name, _, _ in self.last(run)), 5)

    @unittest.skipUnless(has("accelerate", "torch", "tensorboard"), "accelerate is not installed")
    def test_accelerate(self):
        run = self.run_text("""
            from accelerate import Accelerator
            from accelerate.tracking import GeneralTracker, on_main_process
            sent = []
            class Own(GeneralTracker):
                name, requires_logging_directory = "own", False
                tracker = property(lambda self: None)
                @on_main_process
                def store_init_configuration(self, values): pass
                @on_main_process
                def log(self, values, step=None): sent.append((values, step))
            Accelerator(cpu=True).log({"lost": 1})
            accelerator = Accelerator(log_with=[Own()], cpu=True)
            accelerator.init_trackers("p", config={"lr": 0.1, "net": {"depth": 3}})
            for step in range(4):
                accelerator.log({"loss": 1 / (step + 1), "acc": step}, step=step)
            print(len(sent))
        """)
        self.no_faults(run)
        self.assertEqual(self.points(run, "accelerate", "loss"), [(step, 1 / (step + 1)) for step in range(4)])
        self.assertEqual(len(run.of("metric")), 2 * int(run.out.splitlines()[-1]))
        self.assertEqual(self.params(run, "accelerate"), {"lr": "0.1", "net.depth": "3"})

    @unittest.skipUnless(has("keras"), "keras is not installed")
    def test_several_fits_of_keras(self):
        run = self.run_text("""
            import csv, json, keras, numpy as np
            x, told = np.ones((8, 2), "float32"), []
            def model():
                made = keras.Sequential([keras.layers.Dense(1)])
                made.compile("sgd", "mse")
                return made
            first, second = model(), model()
            log = keras.callbacks.CSVLogger("log.csv")
            told.append(first.fit(x, x[:, :1], epochs=2, verbose=0, callbacks=[log]).history["loss"])
            told.append(second.fit(x, x[:, :1], epochs=3, verbose=0).history["loss"])
            told[0] = told[0] + first.fit(x, x[:, :1], initial_epoch=2, epochs=4, verbose=0).history["loss"]
            told.append(first.fit(x, x[:, :1], epochs=1, verbose=0).history["loss"])
            with open("log.csv") as file:
                rows = [float(row["loss"]) for row in csv.DictReader(file)]
            print(json.dumps([told, rows]))
        """, KERAS_BACKEND="torch" if has("torch") else "tensorflow")
        self.no_faults(run)
        told, rows = self.last(run)
        self.assertEqual(self.series(run, "keras"), {"loss #%d" % fit: losses for fit, losses in enumerate(told)})
        self.assertEqual(self.points(run, "keras", "loss"), list(enumerate(told[0])))
        self.assertEqual(rows, told[0][:2])

    @unittest.skipUnless(has("tensorflow", "tensorboard"), "tensorflow is not installed")
    def test_summaries_of_tensorflow(self):
        run = self.run_text("""
            import glob, json
            import tensorflow as tf
            from tensorflow.python.summary.summary_iterator import summary_iterator
            tf.summary.scalar("nobody", 1.0, step=0)
            train, val = (tf.summary.create_file_writer("out/" + name) for name in ("train", "val"))
            with train.as_default():
                for step in range(5):
                    tf.summary.scalar("loss", 1 / (step + 1), step=step)
                with tf.name_scope("part"):
                    tf.summary.scalar("acc", tf.constant(0.5), step=tf.constant(3, tf.int64))
            with val.as_default(step=7):
                tf.summary.scalar("loss", data=0.25)
                with tf.summary.record_if(False):
                    tf.summary.scalar("loss", data=0.5)
                tf.function(lambda: tf.summary.scalar("graph", 1.0, step=1))()
            train.close(); val.close()
            sent = [v.tag for name in glob.glob("out/*/*") for e in summary_iterator(name) for v in e.summary.value]
            print(json.dumps(sent))
        """)
        self.no_faults(run)
        self.assertEqual(self.points(run, "tensorflow", "loss"), [(step, 1 / (step + 1)) for step in range(5)])
        self.assertEqual(self.points(run, "tensorflow", "part/acc"), [(3, 0.5)])
        self.assertEqual(self.points(run, "tensorflow", "loss", 1), [(7, 0.25)])
        # What is written inside of a tf.function is in the file only.
        self.assertEqual(sorted(self.last(run)), sorted([one["name"] for one in run.of("metric")] + ["graph"]))


if __name__ == "__main__":
    unittest.main()
