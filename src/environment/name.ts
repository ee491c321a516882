/** Names of packages are equal when they are after PEP 503. */
export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

/** Names and versions as packages have them: nothing that an installer would read as an option, a path or an address. */
const NAME = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/;
const VERSION = /^[0-9][\w.!+-]*$/;

export const isPlainPin = (name: string, version: string): boolean => NAME.test(name) && VERSION.test(version);

/** "cpu" of 2.13.0+cpu: a build that only some indexes have. */
export const localTag = (version: string): string | null => /\+([a-z0-9.]+)$/i.exec(version)?.[1] ?? null;
