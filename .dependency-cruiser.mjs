import { rules } from "./scripts/law/floors.ts";

export default {
  forbidden: rules(),
  options: {
    // TypeScript 7 has no API for dependency-cruiser; without this it reads no .ts and passes on nothing.
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      conditionNames: ["source", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".js", ".mjs", ".json"],
    },
  },
};
