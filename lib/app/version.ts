// The version of the program, in a file of its own so that `--version` loads nothing else.
// CHANGELOG.md begins with the same number; a test holds them together.

/** Semantic version of bpx-bot. */
export const version = "0.1.0";
