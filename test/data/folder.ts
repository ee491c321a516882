import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openStore, type Store } from "#store";

/** A folder with a store and with data, for one test. */
export interface DataFolder {
  readonly root: string;
  readonly data: string;
  readonly store: Store;
  readonly put: (files: Readonly<Record<string, string | Buffer>>) => void;
  readonly remove: () => void;
}

export function dataFolder(): DataFolder {
  const root = mkdtempSync(join(tmpdir(), "reprise-data-"));
  const data = join(root, "data");
  mkdirSync(data);
  const store = openStore(join(root, ".reprise"), { create: true });
  return {
    root,
    data,
    store,
    put: (files) => {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(data, name)), { recursive: true });
        writeFileSync(join(data, name), content);
      }
    },
    remove: () => {
      store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
