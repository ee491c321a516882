import { join } from "node:path";
import { openStore } from "#store";
import { metadataConformance } from "../conformance/metadata.ts";

metadataConformance("disk", (folder) => {
  const store = openStore(join(folder, ".reprise"), { create: true });
  return { runs: store.runs, objects: store.objects, close: () => store.close() };
});
