import { join } from "node:path";
import { openStore } from "#store";
import { metadataConformance } from "../conformance/metadata.ts";

metadataConformance("disk", (folder) => {
  const { runs, objects, close } = openStore(join(folder, ".reprise"), { create: true });
  return { runs, objects, close };
});
