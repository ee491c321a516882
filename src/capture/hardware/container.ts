import { existsSync, readFileSync } from "node:fs";
import { type Known, unknown } from "#record";

/** The container that this is, "none" outside one, or why that is not known. Its image shows from inside only at some. */
export function readContainer(env: Readonly<Record<string, string | undefined>>): Known<string> {
  const singularity = env["APPTAINER_CONTAINER"] ?? env["SINGULARITY_CONTAINER"];
  if (singularity !== undefined && singularity !== "") return `apptainer ${singularity}`;
  if (existsSync("/run/.containerenv")) {
    const text = read("/run/.containerenv") ?? "";
    const image = /^image="?(.*?)"?$/m.exec(text)?.[1];
    const id = /^imageid="?(.*?)"?$/m.exec(text)?.[1];
    return withImage(
      "podman",
      image === undefined || image === "" ? undefined : `${image}${id === undefined ? "" : ` ${id}`}`,
    );
  }
  if (env["KUBERNETES_SERVICE_HOST"] !== undefined) return withImage("kubernetes", undefined);
  if (existsSync("/.dockerenv")) return withImage("docker", undefined);
  const groups = read("/proc/1/cgroup");
  const engine = /(docker|kubepods|containerd|libpod|lxc|garden)/.exec(groups ?? "")?.[1];
  if (engine !== undefined) return withImage(engine, undefined);
  const declared = /(?:^|\0)container=([^\0]+)/.exec(read("/proc/1/environ") ?? "")?.[1] ?? env["container"];
  if (declared !== undefined && declared !== "") return withImage(declared, undefined);
  return groups === null ? unknown("no /proc/1/cgroup on this system") : "none";
}

function withImage(engine: string, image: string | undefined): string {
  return image === undefined ? `${engine} (its image is not visible from inside)` : `${engine} ${image}`;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
