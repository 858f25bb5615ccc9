/** Text of the user's files as it may go to a terminal. */

/** Control characters, which a terminal would obey: all but tab and newline. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function printable(text: string): string {
  return text.replace(controls, '\ufffd');
}

export function printableLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' '));
}
