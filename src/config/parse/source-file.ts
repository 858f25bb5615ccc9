/** A file of configuration as it was read. */

export interface SourceFile {
  /** As the user named it; `-` for standard input. */
  readonly path: string;
  readonly text: string;
}

/** One YAML document of a file. */
export interface Chunk {
  readonly text: string;
  /** Lines of the file before this document. */
  readonly lineOffset: number;
}

/**
 * Cuts a file at its `---` lines, so that a mistake in one document cannot reach into the next.
 * A line that begins with `---` is a boundary wherever it stands (YAML 1.2, 9.1.1).
 */
export function splitDocuments(text: string): Chunk[] {
  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n');
  const chunks: Chunk[] = [];
  let current: string[] = [];
  let lineOffset = 0;
  for (const [index, line] of lines.entries()) {
    const marker = /^(---|\.\.\.)(\s|$)/.exec(line);
    if (marker === null) {
      current.push(line);
      continue;
    }
    chunks.push({ text: current.join('\n'), lineOffset });
    // What follows `---` on its line belongs to the new document; blanks keep its columns.
    current = [`   ${marker[1] === '---' ? line.slice(3) : ''}`];
    lineOffset = index;
  }
  chunks.push({ text: current.join('\n'), lineOffset });
  return chunks.filter((chunk) => !/^(\s*(#.*)?(\n|$)|%.*(\n|$))*$/.test(chunk.text));
}
