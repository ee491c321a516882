import { EVERY_KIND, type Finding, type Rule } from "./finding.ts";
import { isPlain, looksRandom } from "./value.ts";

/** Any URL with credentials: postgres://user:pass@host, https://TOKEN@host. The name of the user stays. */
export const locationRule: Rule = {
  words: ["://"],
  exact: true,
  kinds: EVERY_KIND,
  look(text, at, kind): readonly Finding[] {
    const authority = /[^\s/?#"'`<>\\^|]{1,1024}@(?=[\w[.%$\-{])/y;
    const start = at + 3;
    authority.lastIndex = start;
    const match = authority.exec(text);
    if (match === null) return [];
    const credentials = match[0].slice(0, -1);
    if (kind === "binary" && /[^\x21-\x7e]/.test(credentials)) return [];
    const colon = credentials.indexOf(":");
    const from = schemeStart(text, at);
    if (colon >= 0) {
      const password = credentials.slice(colon + 1);
      if (password === "" || isPlain(password) || password.includes("redacted:"))
        return tokenUser(credentials, colon, from, start);
      return [
        ...tokenUser(credentials, colon, from, start),
        { from, start: start + colon + 1, end: start + credentials.length, rule: "url-password" },
      ];
    }
    return tokenUser(credentials, credentials.length, from, start);
  },
};

/** https://TOKEN@host and https://TOKEN:x-oauth-basic@host. */
function tokenUser(credentials: string, length: number, from: number, start: number): Finding[] {
  const user = credentials.slice(0, length);
  return looksRandom(user) ? [{ from, start, end: start + length, rule: "url-token" }] : [];
}

function schemeStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 32 && /[A-Za-z0-9+.-]/.test(text[start - 1] ?? "")) start--;
  return start;
}

/**
 * A git remote or index URL without its credentials, for the record: the password goes, and the user too unless it is
 * the customary "git".
 */
export function stripCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (_, scheme: string, user: string) =>
    user === "git" ? `${scheme}git@` : scheme,
  );
}
