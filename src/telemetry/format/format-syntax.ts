/** Where a format has a `%` that begins no operator: what is missing, or wrong. */

export interface FormatError {
  /** One sentence that names the operator. */
  readonly message: string;
  /** Where in the format it is, from 0. */
  readonly offset: number;
}

/** For people, who count characters from 1. */
export function describeFormatError({ message, offset }: FormatError): string {
  return `${message}, at character ${offset + 1} of the format`;
}

const singlePercent = 'a single "%" must be written as "%%"';

/** Of the `%` at `offset`, behind which there is no whole operator. */
export function syntaxError(text: string, offset: number): FormatError {
  const rest = text.slice(offset + 1);
  const name = /^[A-Za-z][A-Za-z0-9_]*/.exec(rest)?.[0] ?? '';
  const behind = rest.slice(name.length);
  if (name === '') return { message: singlePercent, offset };
  if (name !== name.toUpperCase()) {
    if (!/^[%(:]/.test(behind)) return { message: singlePercent, offset };
    return { message: `%${name}% is no operator: their names are in capitals`, offset };
  }
  const operator = { name, start: offset, end: offset + 1 + name.length };
  return behind.startsWith('(') ? argumentError(text, operator) : tailError(text, operator);
}

interface FoundName {
  readonly name: string;
  /** Of its `%`. */
  readonly start: number;
  readonly end: number;
}

function argumentError(text: string, operator: FoundName): FormatError {
  const close = text.indexOf(')', operator.end);
  if (close !== -1) return tailError(text, { ...operator, end: close + 1 });
  return { message: `%${operator.name}( has no ")"`, offset: operator.end };
}

/** What is between the name, or its argument, and the second `%`. */
function tailError(text: string, { name, start, end }: FoundName): FormatError {
  const length = /^:([^%]*)%/.exec(text.slice(end))?.[1];
  if (length !== undefined) {
    const message = `the length of %${name}% must be a whole number, not "${length}"`;
    return { message, offset: end + 1 };
  }
  const written = text.slice(start, end);
  return { message: `${written} has no "%" at its end`, offset: end };
}
