/** A content that does not follow its format: it is then compared byte by byte. */
export class Unreadable extends Error {}

/** Something that was not looked at, and why: whether the contents agree cannot be told. */
export class Unseen extends Error {}

/** More than may be looked at. */
export class OverBudget extends Unseen {}
