import { type Digest, RepriseError } from "#record";

export function missingObject(digest: Digest): RepriseError {
  return new RepriseError("STORE_MISSING_OBJECT", "storage", `the store lacks the object ${digest}`, "reprise repair");
}

export function corruptObject(digest: Digest): RepriseError {
  return new RepriseError(
    "STORE_CORRUPT_OBJECT",
    "storage",
    `the object ${digest} is damaged: its content has another digest`,
    "reprise repair",
  );
}
