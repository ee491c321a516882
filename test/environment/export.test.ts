import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Ajv } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Sealed, seal } from "../cli/sealed.ts";

const root = join(import.meta.dirname, "../..");
const tools = join(root, ".venv-tools/bin");
const TRAIN = `import os
import joblib, tqdm
from random import Random
print(joblib.hash([Random(3).random() for _ in range(9)]), tqdm.__version__, sorted({"a", "b", "c"}, key=hash)[0])
`;

let place: Sealed;
/** Tools by name: what is not linked is not installed. */
let withUv: string;
let withPoetry: string;
let printed: string;
beforeAll(() => {
  place = seal({ "train.py": TRAIN, ".env.example": "TOKEN=\n" });
  for (const name of ["uv", "poetry"]) {
    mkdirSync(join(place.base, name));
    symlinkSync(join(tools, name), join(place.base, name, name));
  }
  withUv = `PATH="${place.base}/uv:$PATH"; export PATH;`;
  withPoetry = `PATH="${place.base}/poetry:$PATH"; export PATH;`;
  const pip = "python3 -m pip --python env/bin/python install -q --disable-pip-version-check --no-deps";
  place.shell(`python3 -m venv --without-pip env && ${pip} joblib==1.5.2 tqdm==4.70.1`);
  printed = place.shell("reprise run -q --name a --seed 5 -- env/bin/python train.py '$HOME' \"it's\"", {
    OMP_NUM_THREADS: "1",
  }).out;
  expect(printed).toContain(" 4.70.1 ");
});
afterAll(() => place.remove());

function exported(format: string, more = "", options = ""): { readonly folder: string; readonly err: string } {
  const folder = `out-${format}`;
  const { code, err } = place.shell(`${more} reprise env export a --as ${format} --output ${folder} ${options}`);
  expect(code).toBe(0);
  return { folder: join(place.project, folder), err };
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), "utf8");

/** The hash seed is the record's, as the exported containers have it. */
function bitsIn(python: string): string {
  const dockerfile = place.shell("reprise env export a --as dockerfile --offline -q").out;
  const seed = /PYTHONHASHSEED="(\d+)"/.exec(dockerfile)?.[1] ?? "";
  return place.shell(`${python} train.py`, { PYTHONHASHSEED: seed }).out;
}

/** These files, served as an index serves them, on this machine alone. */
async function serveIndex(pins: readonly string[]): Promise<{ readonly url: string; close(): void }> {
  const wheels = join(place.base, "wheels");
  place.shell(`python3 -m pip download -q --disable-pip-version-check --no-deps -d ${wheels} ${pins.join(" ")}`);
  const files = readdirSync(wheels);
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const name = /^\/simple\/([\w-]+)\/$/.exec(path)?.[1];
    const file = files.find((one) => path === `/files/${one}`);
    if (file !== undefined) return response.end(readFileSync(join(wheels, file)));
    const links = files
      .filter((one) => one.startsWith(`${name}-`))
      .map((one) => {
        const digest = createHash("sha256")
          .update(readFileSync(join(wheels, one)))
          .digest("hex");
        return `<a href="/files/${one}#sha256=${digest}">${one}</a>`;
      });
    response.writeHead(links.length === 0 ? 404 : 200, { "content-type": "text/html" });
    return response.end(`<!DOCTYPE html><html><body>${links.join("")}</body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`, close: () => server.close() };
}

describe("E reprise env export", () => {
  test("requirements: pip takes them with --require-hashes into a fresh environment, which has the run's bits", () => {
    const { folder, err } = exported("requirements", withUv);
    expect(err).not.toContain("without hashes");
    expect(read(folder, "requirements.txt")).toMatch(/joblib==1\.5\.2 \\\n {4}--hash=sha256:[0-9a-f]{64} \\\n/);
    const installed = place.shell(
      `python3 -m venv --without-pip fresh && python3 -m pip --python fresh/bin/python install -q --disable-pip-version-check --no-deps --require-hashes -r ${folder}/requirements.txt`,
    );
    expect(installed).toMatchObject({ code: 0 });
    expect(bitsIn("fresh/bin/python")).toBe(printed);
    // pip alone knows the hash of the one file that fits here; nobody is asked with --offline, and that is said.
    const byPip = place.shell("reprise env export a --as requirements -q").out;
    expect(byPip.match(/--hash=/g)).toHaveLength(2);
    expect(read(folder, "requirements.txt")).toContain(/--hash=sha256:[0-9a-f]{64}/.exec(byPip)?.[0]);
    const offline = place.shell("reprise env export a --as requirements --offline");
    expect(offline.out).not.toContain("--hash");
    expect(offline.err).toContain("written without hashes, as pip takes all or none: not known of joblib and 1 more");
  });

  test("uv: a project and its lock, which uv installs as it is, and which has the run's bits", () => {
    const { folder } = exported("uv", withUv);
    // uv takes no environment's own interpreter for one that it may build on; which others it finds is the machine's matter.
    const base = place.shell("python3 -c 'import sys; print(sys._base_executable)'").out.trim();
    const synced = place.shell(
      `${withUv} export UV_PYTHON=${base}; cd ${folder} && uv lock --check -q --offline && UV_SYSTEM_CERTS=1 uv sync --locked -q`,
    );
    expect(synced.err.split("\n").filter((line) => line.startsWith("error"))).toEqual([]);
    expect(read(folder, "uv.lock")).toMatch(/hash = "sha256:/);
    expect(bitsIn(`${folder}/.venv/bin/python`)).toBe(printed);
    expect(read(folder, ".python-version")).toMatch(/^3\.\d+\.\d+\n$/);
  });

  test("uv locks with the interpreter below the run's environment, also where none is on PATH", () => {
    const few = join(place.base, "few");
    mkdirSync(few);
    const at = ["node", "git", "env", "sh"].map((name) => place.shell(`command -v ${name}`).out.trim());
    for (const path of [...at, join(tools, "uv")]) symlinkSync(path, join(few, path.split("/").at(-1) ?? ""));
    const { folder, err } = exported(
      "uv",
      `PATH=${root}/bin:${few} UV_SYSTEM_CERTS=1; export PATH UV_SYSTEM_CERTS;`,
      "--output out-few",
    );
    expect(err).not.toContain("without a lock file");
    expect(read(folder.replace(/out-uv$/, "out-few"), "uv.lock")).toContain('name = "joblib"');
  });

  test("poetry: a project that poetry checks, locks and installs, with the run's bits; without poetry no lock, and that is said", async () => {
    const without = place.shell("reprise env export a --as poetry --output poetry-project");
    expect(without.err).toContain("without a lock file (poetry is not installed): poetry lock makes it");
    const folder = join(place.project, "poetry-project");
    expect(existsSync(join(folder, "poetry.lock"))).toBe(false);
    expect(place.shell(`${withPoetry} cd ${folder} && poetry check`)).toMatchObject({ code: 0 });
    // An index of its own: poetry asks PyPI by another way than pip does, which a mirror may not have.
    const index = await serveIndex(["joblib==1.5.2", "tqdm==4.70.1", "colorama==0.4.6"]);
    try {
      const source = `\n[[tool.poetry.source]]\nname = "near"\nurl = "${index.url}"\npriority = "primary"\n`;
      appendFileSync(join(folder, "pyproject.toml"), source);
      const steps = `${withPoetry} cd ${folder} && poetry lock -n && poetry check --lock && poetry sync -n --no-root`;
      // In the background: the index is served by this very process.
      const locked = await place.start(`sh -c '${steps}'`, { POETRY_VIRTUALENVS_IN_PROJECT: "true" }).ended;
      expect(locked.code, locked.err + locked.out).toBe(0);
    } finally {
      index.close();
    }
    expect(read(folder, "poetry.lock")).toContain('name = "joblib"\nversion = "1.5.2"');
    expect(bitsIn(`${folder}/.venv/bin/python`)).toBe(printed);
  });

  test("conda: an environment file whose specifications conda's own parser takes", () => {
    const { folder } = exported("conda");
    const document = parse(read(folder, "environment.yml")) as { dependencies: (string | { pip: string[] })[] };
    const specs = document.dependencies.filter((item): item is string => typeof item === "string");
    expect(specs[0]).toMatch(/^python=3\.\d+\.\d+$/);
    const asked = "import rattler, sys; print([str(rattler.MatchSpec(s, strict=True).version) for s in sys.argv[1:]])";
    const told = spawnSync(join(tools, "python"), ["-c", asked, ...specs], { encoding: "utf8" });
    expect(told.stdout).toMatch(/^\['3\.\d+\.\d+\.\*', 'None'\]\n$/);
    const pip = document.dependencies.flatMap((item) => (typeof item === "string" ? [] : item.pip));
    expect(pip).toEqual(["joblib==1.5.2", "tqdm==4.70.1"]);
  });

  test("dockerfile: stages, labels, the run's variables and no root; hadolint has nothing to say", () => {
    const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
    const { folder } = exported("dockerfile", withUv);
    const linted = spawnSync(join(tools, "hadolint"), [join(folder, "Dockerfile")], { encoding: "utf8" });
    expect(linted).toMatchObject({ status: 0, stdout: "" });
    const text = place.shell(`reprise env export a --as dockerfile --offline -q --base python:3.11-slim@${digest}`).out;
    const stages = text.match(/^FROM .*$/gm);
    expect(stages).toEqual([
      `FROM python:3.11-slim@${digest} AS packages`,
      `FROM python:3.11-slim@${digest} AS environment`,
      "FROM environment AS run",
    ]);
    expect(text).toMatch(/OMP_NUM_THREADS="1"/);
    expect(text).toMatch(/^USER 1000:1000$/m);
    expect(text).toMatch(/^LABEL .*reprise\.run="[0-9a-f-]{36}"$/ms);
    expect(text).toContain(`CMD ["python","train.py","$HOME","it's"]`);
    const refused = place.shell('reprise env export a --as dockerfile --offline --base "x y"');
    expect([refused.code, refused.out]).toEqual([2, ""]);
  });

  test("compose and devcontainer: as their own schemas have them", () => {
    const compose = exported("compose", "", "--offline").folder;
    const document = parse(read(compose, "compose.yaml")) as { services: { train: { command: string[] } } };
    const schemas = join(root, "test/fixtures/schemas");
    const specification = new Ajv({ strict: false, validateFormats: false }).compile(
      JSON.parse(
        readFileSync(join(schemas, "compose-spec.json"), "utf8").replace(
          "https://json-schema.org/draft-07",
          "http://json-schema.org/draft-07",
        ),
      ) as object,
    );
    expect(specification(document), JSON.stringify(specification.errors)).toBe(true);
    expect(specification({ services: { train: { comand: [] } } })).toBe(false);
    // Compose itself puts variables in the place of $NAME.
    expect(document.services.train.command).toEqual(["python", "train.py", "$$HOME", "it's"]);
    const folder = exported("devcontainer", "", "--offline").folder;
    const own = new Ajv2019({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync(join(schemas, "devcontainer.json"), "utf8")) as object,
    );
    const container = JSON.parse(read(folder, ".devcontainer/devcontainer.json")) as { build: { dockerfile: string } };
    expect(own(container), JSON.stringify(own.errors)).toBe(true);
    expect(existsSync(join(folder, ".devcontainer", container.build.dockerfile))).toBe(true);
  });

  test("apptainer: a definition that its own ecosystem's parser reads", () => {
    const { folder } = exported("apptainer", "", "--offline");
    const told = spawnSync(
      join(tools, "spython"),
      ["recipe", "--parser", "singularity", join(folder, "apptainer.def")],
      {
        encoding: "utf8",
      },
    );
    expect(told.status).toBe(0);
    expect(told.stdout).toMatch(/^FROM python:3\.\d+\.\d+-slim-\w+/);
    expect(told.stdout).toContain("ADD requirements.txt /opt/requirements.txt");
    expect(told.stdout).toMatch(/^ENV PYTHONHASHSEED=\d+$/m);
    expect(read(folder, "apptainer.def")).toContain(`exec python train.py '$HOME' 'it'\\''s' "$@"`);
  });

  test("nothing is written over unasked, and a format that is none is wrong use", () => {
    place.put({ "there/requirements.txt": "mine\n" });
    const asked = "reprise env export a --as requirements --offline --output there";
    expect(place.shell(asked)).toMatchObject({ code: 2 });
    expect(read(join(place.project, "there"), "requirements.txt")).toBe("mine\n");
    expect(place.shell(`${asked} --force -q`)).toMatchObject({ code: 0, err: "" });
    expect(read(join(place.project, "there"), "requirements.txt")).toContain("joblib==1.5.2");
    const wrong = place.shell("reprise env export a --as dockrfile");
    expect(wrong.err).toContain("try: --as dockerfile");
    expect(wrong.code).toBe(2);
  });
});
