/** Text as it may stand in XML. */

/** Characters that XML 1.0 does not allow at all. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

export function escapeText(text: string): string {
  return text.replace(forbidden, '\ufffd').replace(/[&<>]/g, (char) => entities[char] ?? char);
}

/** In an attribute a line break would become a space. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replace(/["\n]/g, (char) => entities[char] ?? char);
}
