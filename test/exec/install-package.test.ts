import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installPackage } from "#exec";

const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", PIP_NO_INDEX: "1" };
const target = "/nonexistent/reprise-target";

test("an interpreter that is not there is told, not thrown", async () => {
  const failed = await installPackage({ python: "/nonexistent/python", name: "six", version: "1.0", target, env });
  expect(failed).toContain("six==1.0");
  expect(failed).toContain("ENOENT");
});

test.each([
  ["--index-url", "1.0"],
  ["../six", "1.0"],
  ["six @ file:///etc", "1.0"],
  ["six", "1.0; import os"],
  ["six", "--pre"],
])("%s %s never reaches pip", async (name, version) => {
  expect(await installPackage({ python: "/bin/true", name, version, target, env })).toContain("is no name");
});

test("a package that cannot be had is told with pip's reason, and nothing is left", async () => {
  const failed = await installPackage({ python: "python3", name: "six", version: "1.16.0", target, env });
  expect(failed).toContain("six==1.16.0");
  expect(existsSync(join(target, "six.py"))).toBe(false);
});
