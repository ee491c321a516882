import { detectManager, findLockFiles, readLibraries, readPackages } from "#capture";
import {
  type Digest,
  type EnvironmentFacts,
  type HelloEvent,
  isUnknown,
  type Known,
  type PythonFacts,
  unknown,
} from "#record";
import type { Store } from "#store";
import type { ProcessEvents } from "./agent-facts.ts";
import { type FileLog, isSharedLibrary } from "./file-log.ts";

function frameworksOf(processes: readonly ProcessEvents[]): Record<string, string> {
  const told = processes.flatMap(({ events }) =>
    events.flatMap((event) => (event.e === "end" ? [event.frameworks] : [])),
  );
  return Object.fromEntries(told.flatMap((frameworks) => Object.entries(frameworks)));
}

function pythonFacts(
  hello: HelloEvent,
  processes: readonly ProcessEvents[],
  log: FileLog,
  project: string,
): PythonFacts {
  const modules = [...log.modules].map(([file, name]) => [name, file] as const);
  return {
    version: hello.version.split(" ")[0] ?? hello.version,
    implementation: hello.impl,
    executable: hello.exe,
    prefix: hello.prefix,
    manager: detectManager(hello.prefix, project),
    packages: readPackages(hello.path, modules),
    frameworks: frameworksOf(processes),
  };
}

/** The environment as the processes themselves told it; no further interpreter is started. */
export function environmentFacts(
  hello: HelloEvent | null,
  processes: readonly ProcessEvents[],
  log: FileLog,
  project: string,
  store: Store,
  whyNot: string,
): EnvironmentFacts {
  const libraries = [...log.maps].filter(isSharedLibrary);
  const digests = store.files.digestFiles(libraries);
  const digestOf = (path: string): Known<Digest> => {
    const found = digests.get(path) ?? unknown("not read");
    return isUnknown(found) ? found : found.digest;
  };
  return {
    python:
      hello === null || hello.lang !== "python"
        ? unknown(hello === null ? whyNot : "not a Python program")
        : pythonFacts(hello, processes, log, project),
    libraries:
      libraries.length === 0
        ? unknown(whyNot === "" ? "no process could say what it had loaded" : whyNot)
        : readLibraries(libraries, digestOf),
    lockFiles: findLockFiles(project, (path) => {
      const found = store.files.digestFiles([path]).get(path) ?? unknown("not read");
      return isUnknown(found) ? found : found.digest;
    }),
  };
}
