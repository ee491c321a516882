/** An address without user, password, query and tokens in it: what may be written down. `git@` is no secret. */
export function withoutCredentials(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (_, scheme: string, user: string) =>
      user === "git" ? `${scheme}git@` : scheme,
    )
    .replace(/\?[^#]*/, "");
}

/** The local path of a file: URL, or null. */
export function localPath(url: string): string | null {
  if (!url.startsWith("file://")) return null;
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return null;
  }
}
