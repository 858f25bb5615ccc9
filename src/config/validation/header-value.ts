/** Header values may hold Envoy's commands, `%COMMAND(arguments)%`, and `%%` for a percent sign. */

/** Why Envoy would refuse the value; null when it is sound. */
export function headerValueMistake(value: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the bytes HTTP forbids.
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return 'it has control characters';
  let position = value.indexOf('%');
  while (position !== -1) {
    if (value[position + 1] === '%') {
      position = value.indexOf('%', position + 2);
      continue;
    }
    const end = commandEnd(value, position + 1);
    if (end === -1)
      return 'a "%" begins a command that does not end, write "%%" for a percent sign';
    position = value.indexOf('%', end);
  }
  return null;
}

/** Index after the closing percent sign of a command; -1 where there is none. */
function commandEnd(value: string, start: number): number {
  const percent = value.indexOf('%', start);
  const open = value.indexOf('(', start);
  if (open === -1 || (percent !== -1 && percent < open)) return percent === -1 ? -1 : percent + 1;
  const close = closingParenthesis(value, open + 1);
  if (close === -1) return -1;
  const rest = /^ *(?::\d+)? *%/.exec(value.slice(close + 1));
  return rest === null ? -1 : close + 1 + rest[0].length;
}

/** A backslash takes the next character with it. */
function closingParenthesis(value: string, start: number): number {
  for (let index = start; index < value.length; index += 1) {
    if (value[index] === '\\') index += 1;
    else if (value[index] === ')') return index;
  }
  return -1;
}
