const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** An argument vector as one line that a POSIX shell would read back the same. */
export const commandLine = (argv: readonly string[]): string =>
  argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
