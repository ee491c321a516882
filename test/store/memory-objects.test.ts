import { MemoryObjects } from "#store";
import { objectsConformance } from "../conformance/objects.ts";

objectsConformance("memory", () => ({ objects: new MemoryObjects(), close: () => {}, damage: null }));
