import { defineConfig } from "vitest/config";

// Rooms are imported by their doors (`#store`); the condition makes a door open on the source.
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    maxWorkers: 2,
    // Most tests start real processes on machines that do other work too.
    testTimeout: 300_000,
    hookTimeout: 240_000,
    coverage: { provider: "v8", include: ["src/**/*.ts"] },
  },
});
