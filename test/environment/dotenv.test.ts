import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Sealed, seal } from "../cli/sealed.ts";

const TRAIN = `import os
print(os.environ.get("DATA_URL", "none"), os.getenv('RATE'), os.environ["HOME"] != "")
`;

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": TRAIN });
});
afterEach(() => place.remove());

const example = (): string => readFileSync(join(place.project, ".env.example"), "utf8");

describe("E variables that a project asks for", () => {
  test("a run is warned of names in .env.example that are set nowhere: before it starts, by name, and it runs all the same", () => {
    expect(place.shell("reprise run -- python3 train.py").err).not.toContain(".env.example");
    place.put({
      ".env.example": "# where the data are\nDATA_URL=https://example.org\nexport RATE='1'\nAPI_TOKEN=\n#OPTIONAL=\n",
      ".env": "API_TOKEN=hunter2\n",
    });
    const { err, out, code } = place.shell("RATE=3 reprise run -- python3 train.py");
    expect([code, out]).toEqual([0, "none 3 True\n"]);
    expect(err.split("\n")[0]).toBe(
      "reprise: warning: .env.example names 1 variable set neither here nor in .env: DATA_URL",
    );
    expect(place.shell("reprise run -q -- python3 train.py").err).toBe("");
    expect(place.shell("DATA_URL=x RATE= reprise run -- python3 train.py").err).not.toContain(".env.example");
  });

  test("env example adds the names of .env and of the sources, keeps what is written, and shows no value of .env", () => {
    place.put({
      ".env": 'API_TOKEN=hunter2\nMULTI="a\nNOT_ONE=b"\n',
      ".env.example": "# keep me\nOLD=1",
      "tools/fetch.mjs": "console.log(process.env.MIRROR, process.env.PATH)\n",
      "env/pyvenv.cfg": "",
      "env/lib/x.py": 'import os; os.environ["OF_A_PACKAGE"]\n',
    });
    expect(place.shell("reprise env example --check")).toMatchObject({
      code: 1,
      out: "",
      err: "reprise: .env.example: lacks API_TOKEN, MULTI, MIRROR, DATA_URL, RATE; nothing asks for OLD\n",
    });
    const printed = place.shell("reprise env example -q").out;
    expect(printed).toBe(
      "# keep me\nOLD=1\nAPI_TOKEN=\nMULTI=\n# tools/fetch.mjs\nMIRROR=\n# train.py\nDATA_URL=\n# train.py\nRATE=\n",
    );
    expect(example()).toBe("# keep me\nOLD=1");
    expect(place.shell("reprise env example --write -q")).toMatchObject({ code: 0, out: "" });
    expect(example()).toBe(printed);
    expect(printed).not.toContain("hunter2");
    expect(place.shell("reprise env example --check -q").code).toBe(0);
    expect(place.shell("reprise env example --check --write")).toMatchObject({ code: 2 });
  });
});
