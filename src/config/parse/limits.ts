/** Limits on configuration text, far above what people write and far below what hurts. */

/** Bytes of one file. etcd refuses objects above 1.5 MiB; a file may hold many. */
export const maxFileBytes = 16 * 1024 * 1024;

/** Documents in one file, items of lists included. */
export const maxDocuments = 20_000;

/** Objects and lists inside each other. Istio's deepest field is at level 12. */
export const maxDepth = 64;

/** Uses of one YAML anchor's content; stops the "billion laughs". */
export const maxAliasCount = 100;

/** Findings of one kind of mistake in one document; more of them help nobody. */
export const maxSyntaxFindings = 10;
