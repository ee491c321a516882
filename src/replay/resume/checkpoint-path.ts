import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, relative } from "node:path";

const MODEL = /\.(ckpt|pt|pth|keras|h5|safetensors|pkl|pickle|joblib|npz|msgpack|ubj|cbm|json|txt)$/i;
const FOLDER = /^(checkpoint|ckpt|step|epoch|iter|iteration|global_step)(?![a-z])|^\d+$/i;

/** The path that a program is to be told: the folder where several files of one checkpoint lie in one, else the file. */
export function checkpointPath(paths: readonly string[], cwd: string): string | null {
  const there = paths.filter((path) => existsSync(path));
  const folders = new Set(there.map((path) => dirname(path)));
  const [folder] = folders;
  const told = (path: string): string => {
    const name = relative(cwd, path);
    return name.startsWith("..") || isAbsolute(name) ? path : name;
  };
  if (there.length > 1 && folders.size === 1 && folder !== undefined && FOLDER.test(basename(folder)))
    return told(folder);
  const file = there.find((path) => MODEL.test(path)) ?? there[0];
  return file === undefined ? null : told(file);
}
