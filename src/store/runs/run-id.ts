/** An id becomes the name of a folder and of a file: nothing else may come of it. */
const ID = /^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/;

export const isRunId = (id: string): boolean => ID.test(id);
