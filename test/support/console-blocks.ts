/** Reads the commands and the output they show out of a Markdown file. */

export interface ShownCommand {
  readonly command: string;
  /** Lines that follow it in the document. */
  readonly output: readonly string[];
}

/** Lines of all blocks fenced as `language`. */
export function fencedBlocks(markdown: string, language: string): string[][] {
  const blocks = markdown.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'));
  return [...blocks].map((block) => (block[1] ?? '').trimEnd().split('\n'));
}

/** `$ command` lines of the blocks fenced as `console`, each with what it prints. */
export function shownCommands(markdown: string): ShownCommand[] {
  const commands: Array<{ command: string; output: string[] }> = [];
  for (const line of fencedBlocks(markdown, 'console').flat()) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands;
}
