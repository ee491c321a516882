"""What parsers of options and of configuration files give to a program arrives, with how each value came about."""
import json
import os
import textwrap
import unittest

from harness import AgentTest, has
from test_format import TOP, fits

ARGPARSE = """
    import argparse, enum, pathlib
    class Kind(enum.Enum):
        A = "a"
    class Odd:
        def __repr__(self): raise RuntimeError("nobody may ask")
    p = argparse.ArgumentParser(fromfile_prefix_chars="@")
    p.add_argument("data")
    p.add_argument("rest", nargs="*")
    p.add_argument("--learning-rate", type=float, default=.1)
    p.add_argument("-v", action="count", default=0)
    p.add_argument("--fast", action="store_true")
    p.add_argument("--layers", nargs="+", type=int)
    p.add_argument("--token"); p.add_argument("--auth_token"); p.add_argument("--pad-token", default="x")
    p.add_argument("--out", type=pathlib.Path, default=pathlib.Path("x"))
    p.set_defaults(kind=Kind.A, odd=Odd(), run=print, names={"b", "a"})
    commands = p.add_subparsers(dest="command")
    fit = commands.add_parser("fit")
    fit.add_argument("--epochs", type=int, default=1)
    print(p.parse_args())
"""

CLICK = """
    import click
    @click.group()
    @click.option("--debug/--no-debug", default=False)
    def cli(debug): pass
    @cli.command()
    @click.option("--lr", default=.1, envvar="LR")
    @click.option("--n", default=3)
    @click.option("--hidden", default="h", hide_input=True)
    @click.argument("data")
    def train(lr, n, hidden, data): print(lr, n, data)
    cli()
"""

TYPER = """
    import typer
    app = typer.Typer()
    @app.command()
    def main(data: str, lr: float = 0.1, n: int = 2): print(data, lr, n)
    app()
"""

FIRE = """
    import fire
    def main(data, lr=0.1, n=2, *, k=5): print(data, lr, n, k)
    fire.Fire(main)
"""

ABSL = """
    from absl import app, flags
    flags.DEFINE_float("lr", .1, "")
    flags.DEFINE_integer("n", 3, "", short_name="m")
    def main(argv): print(flags.FLAGS.lr)
    app.run(main)
"""

NESTED = """
    from dataclasses import dataclass, field
    @dataclass
    class Opt:
        lr: float = .1
        name: str = "sgd"
    @dataclass
    class Cfg:
        opt: Opt = field(default_factory=Opt)
        epochs: int = 3
        fast: bool = True
"""

SIMPLE = NESTED + """
    from simple_parsing import ArgumentParser
    p = ArgumentParser()
    p.add_arguments(Cfg, dest="cfg")
    p.add_argument("--seed", type=int, default=1)
    print(p.parse_args())
"""

TYRO = NESTED + """
    import tyro
    print(tyro.cli(Cfg))
"""

HYDRA = """
    import hydra
    @hydra.main(config_path="conf", config_name="config", version_base=None)
    def main(cfg): print(cfg.epochs)
    main()
"""

OMEGACONF = """
    from omegaconf import OmegaConf
    OmegaConf.register_new_resolver("never", lambda: 1 / 0)
    print(OmegaConf.merge(OmegaConf.load("conf/optimizer/adam.yaml"), {"k": 3, "x": "${never:}"}, OmegaConf.from_cli()).lr)
"""

GIN = """
    import gin
    @gin.configurable
    def train(lr=0.1, n=3, fn=None): print(lr, n)
    @gin.configurable
    def helper(a=1): pass
    gin.parse_config("train.lr = 0.5\\ntrain.fn = @helper")
    train()
"""

DOTENV = """
    from dotenv import load_dotenv
    import os
    print(load_dotenv(".env"), os.environ["DATA"])
"""


class Parameters(AgentTest):
    def table(self, run, source):
        """name → (value, from); every line is as the schema has it, and nothing failed."""
        self.no_faults(run)
        with open(os.path.join(TOP, "schema", "events.json")) as file:
            kinds = {one["title"]: one for one in json.load(file)["oneOf"]}
        lines = run.of("param")
        for line in lines:
            self.assertTrue(fits(line, kinds["param"]), line)
        self.assertEqual({line["src"] for line in lines}, {source})
        return {line["name"] + ("#%d" % line["run"] if "run" in line else ""): (line["value"], line.get("from")) for line in lines}

    def same(self, text, *words, **extra):
        """With the agent it prints what it prints without."""
        self.write("main.py", textwrap.dedent(NESTED) + textwrap.dedent(text[len(NESTED) :]) if text.startswith(NESTED) else text)
        bare = self.run_python("main.py", *words, root=None) if not extra else None
        run = self.run_python("main.py", *words, **extra)
        if bare is not None:
            self.assertEqual((run.out, run.err), (bare.out, bare.err))
        return run

    def test_argparse(self):
        run = self.run_text("print(1)")
        self.assertEqual(run.of("param"), [])
        self.write("main.py", ARGPARSE.replace("print(p.parse_args())", "print(p.parse_args().data)"))
        words = ["d", "--learn", "2e-1", "-vv", "--layers", "1", "2", "--token", "psst", "--pad-token=y", "--", "fit"]
        run = self.run_python("main.py", *[word for word in words if word != "--"])
        self.assertEqual(run.out, "d\n")
        table = self.table(run, "argparse")
        self.assertEqual(table["data"], ("d", "command line"))
        self.assertEqual(table["learning_rate"], ("0.2", "command line"))
        self.assertEqual(table["v"], ("2", "command line"))
        self.assertEqual(table["fast"], ("False", "default"))
        self.assertEqual(table["layers"], ("[1, 2]", "command line"))
        self.assertEqual((table["token"], table["auth_token"]), (("<secret>", "command line"), ("None", "default")))
        self.assertEqual(table["pad_token"], ("y", "command line"))
        self.assertEqual(table["out"], ("x", "default"))
        self.assertEqual(table["kind"], ("a", "default"))
        self.assertEqual(table["odd"], ("<__main__.Odd>", "default"))
        self.assertEqual(table["names"], ("{'a', 'b'}", "default"))
        self.assertEqual(table["run"], ("builtins.print", "default"))

    def test_a_wrong_command_line_ends_as_it_did(self):
        self.write("main.py", "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int)\np.parse_args()")
        bare = self.run_python("main.py", "--n", "x", root=None, code=2)
        run = self.run_python("main.py", "--n", "x", code=2)
        self.assertEqual(run.err, bare.err)
        self.assertEqual(run.of("param"), [])

    def test_options_between_positionals(self):
        run = self.run_text("""
            import argparse
            p = argparse.ArgumentParser(); p.add_argument("--lr", type=float, default=1.0); p.add_argument("x", nargs="*")
            print(p.parse_intermixed_args(["a", "--lr", "3", "b"]).x)
        """)
        self.assertEqual(run.out.strip(), "['a', 'b']")
        self.no_faults(run)
        self.assertEqual(self.table(run, "argparse"), {"lr": ("3.0", "call"), "x": ("['a', 'b']", "call")})

    def test_code_that_is_executed_under_names_of_its_own(self):
        run = self.run_text("""
            code = "import argparse; p = argparse.ArgumentParser(); p.add_argument('--lr', default=1); print(p.parse_args([]).lr)"
            exec(code, {"__name__": None})
        """)
        self.assertEqual(run.out.strip(), "1")
        self.no_faults(run)

    def test_a_list_of_the_program_and_a_parser_of_a_library(self):
        self.write("site-packages/lib.py", "import argparse\ndef f():\n    p = argparse.ArgumentParser(); p.add_argument('--own', default=1); p.parse_known_args()")
        run = self.run_text(
            """
            import argparse, sys
            sys.path.insert(0, "site-packages")
            import lib
            lib.f()
            p = argparse.ArgumentParser()
            p.add_argument("--n", type=int, default=1); p.add_argument("--m", type=int, default=1)
            p.parse_args(["--n", "5"])
            """
        )
        self.assertEqual(self.table(run, "argparse"), {"n": ("5", "call"), "m": ("1", "default")})

    @unittest.skipUnless(has("click"), "click is not installed")
    def test_click(self):
        run = self.same(CLICK, "--debug", "train", "D", "--n", "4", LR="7")
        found = {"debug": ("True", "command line"), "n": ("4", "command line"), "data": ("D", "command line")}
        self.assertEqual(self.table(run, "click"), dict(found, lr=("7.0", "environment LR"), hidden=("<secret>", "default")))

    @unittest.skipUnless(has("typer"), "typer is not installed")
    def test_typer(self):
        run = self.same(TYPER, "D", "--lr", ".3")
        self.assertEqual(self.table(run, "typer"), {"data": ("D", "command line"), "lr": ("0.3", "command line"), "n": ("2", "default")})

    @unittest.skipUnless(has("fire"), "fire is not installed")
    def test_fire(self):
        run = self.same(FIRE, "D", "--lr", ".3")
        found = {"data": ("D", "command line"), "lr": ("0.3", "command line"), "n": ("2", "default"), "k": ("5", "default")}
        self.assertEqual(self.table(run, "fire"), found)

    @unittest.skipUnless(has("absl"), "absl is not installed")
    def test_absl(self):
        run = self.same(ABSL, "--lr=.5")
        self.assertEqual(self.table(run, "absl"), {"lr": ("0.5", "command line"), "n": ("3", "default")})

    @unittest.skipUnless(has("simple_parsing"), "simple-parsing is not installed")
    def test_simple_parsing(self):
        run = self.same(SIMPLE, "--lr", ".5", "--seed", "4")
        found = {"seed": ("4", "command line"), "cfg.opt.lr": ("0.5", "command line"), "cfg.opt.name": ("sgd", "default")}
        self.assertEqual(self.table(run, "simple-parsing"), dict(found, **{"cfg.epochs": ("3", "default"), "cfg.fast": ("True", "default")}))

    @unittest.skipUnless(has("tyro"), "tyro is not installed")
    def test_tyro(self):
        run = self.same(TYRO, "--opt.lr", ".5", "--no-fast")
        found = {"opt.lr": ("0.5", "command line"), "opt.name": ("sgd", "default"), "epochs": ("3", "default")}
        self.assertEqual(self.table(run, "tyro"), dict(found, fast=("False", "command line")))

    def configs(self):
        self.write("conf/config.yaml", "defaults:\n  - optimizer: adam\n  - _self_\nepochs: 5\nout: ${hydra:runtime.output_dir}\n")
        self.write("conf/optimizer/adam.yaml", "name: adam\nlr: 0.01\nbetas: [0.9, 0.99]\n")
        self.write("conf/optimizer/sgd.yaml", "name: sgd\nlr: 0.1\n")

    @unittest.skipUnless(has("hydra"), "hydra is not installed")
    def test_hydra_as_it_was_composed(self):
        self.configs()
        run = self.same(HYDRA, "optimizer=sgd", "+new.key=1")
        table = self.table(run, "hydra")
        found = {"optimizer.name": ("sgd", "command line"), "optimizer.lr": ("0.1", "command line"), "new.key": ("1", "command line")}
        rest = {"epochs": ("5", "configuration config"), "out": ("${hydra:runtime.output_dir}", "configuration config")}
        self.assertEqual(table, dict(found, **rest))

    @unittest.skipUnless(has("hydra"), "hydra is not installed")
    def test_the_jobs_of_a_sweep_are_told_apart(self):
        self.configs()
        self.write("main.py", HYDRA)
        table = self.table(self.run_python("main.py", "-m", "epochs=1,2"), "hydra")
        self.assertEqual((table["epochs"][0], table["epochs#1"][0], "epochs#2" in table), ("1", "2", False))

    @unittest.skipUnless(has("omegaconf"), "omegaconf is not installed")
    def test_omegaconf_without_calling_a_resolver(self):
        self.configs()
        run = self.same(OMEGACONF, "lr=3")
        found = {"name": ("adam", "call"), "lr": ("3", "command line"), "betas": ("[0.9, 0.99]", "call")}
        self.assertEqual(self.table(run, "omegaconf"), dict(found, k=("3", "call"), x=("${never:}", "call")))

    @unittest.skipUnless(has("gin"), "gin is not installed")
    def test_gin_as_it_was_used(self):
        run = self.same(GIN)
        found = {"train.lr": ("0.5", "configuration"), "train.n": ("3", "default"), "train.fn": ("@helper", "configuration")}
        self.assertEqual(self.table(run, "gin"), found)

    @unittest.skipUnless(has("dotenv"), "dotenv is not installed")
    def test_a_file_of_variables_without_its_secrets(self):
        self.write(".env", "DATA=x y\nAPI_KEY=hunter22\nMY_SALT=abc\nEMPTY\n")
        run = self.same(DOTENV)
        found = {"DATA": ("x y", "file .env"), "API_KEY": ("<secret>", "file .env"), "MY_SALT": ("<secret>", "file .env")}
        self.assertEqual(self.table(run, "dotenv"), dict(found, EMPTY=("", "file .env")))

    @unittest.skipUnless(has("transformers"), "transformers is not installed")
    def test_the_dataclasses_of_transformers(self):
        run = self.same(
            """
            from dataclasses import dataclass
            from transformers import HfArgumentParser
            @dataclass
            class Data:
                path: str = "d"
                size: int = 3
            @dataclass
            class Train:
                lr: float = 0.1
            print(HfArgumentParser((Data, Train)).parse_args_into_dataclasses())""", "--size", "4")  # fmt: skip
        self.assertEqual(self.table(run, "HfArgumentParser"), {"path": ("d", "default"), "size": ("4", "command line"), "lr": ("0.1", "default")})


if __name__ == "__main__":
    unittest.main()
