/**
 * Copies text that outlives where it was cut from. V8 makes a long part of a string, or a join of
 * strings, a view of what it was made from: one header value keeps the whole head in memory.
 */

/** Shorter ones are never views. */
const viewLength = 13;

/** The same text, on its own. Whoever keeps something of a request calls it, and nobody else. */
export function ownText(text: string): string {
  return text.length < viewLength ? text : Buffer.from(text, 'utf8').toString('utf8');
}
