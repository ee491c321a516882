import { join } from "node:path";
import { openStore } from "#store";
import { objectsConformance } from "../conformance/objects.ts";
import { damageText } from "./damage.ts";

objectsConformance("disk", (folder) => {
  const root = join(folder, ".reprise");
  const store = openStore(root, { create: true });
  return { objects: store.objects, close: () => store.close(), damage: (text) => damageText(root, text) };
});
