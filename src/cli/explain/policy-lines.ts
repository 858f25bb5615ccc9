/** Settings of an explanation, and the places where they are said. */

import type { PolicyValue } from '../../explain/explained-target.ts';
import { type Origin, originPlace } from '../../model/origin.ts';
import type { Paint } from '../output/color.ts';
import { printableLine } from '../output/printable.ts';

/** Settings below each other. What nobody says stands back. */
export function policyLines(
  policy: readonly PolicyValue[],
  paint: Paint,
  indent: string,
): string[] {
  const width = Math.max(...policy.map(({ name }) => name.length));
  return policy.map(({ name, value, isDefault, origin }) => {
    const text = `${name.padEnd(width)}  ${printableLine(value)}`;
    if (isDefault) return indent + paint('dim', `${text}  (default)`);
    return indent + text + place(origin, paint);
  });
}

/** Where it is said, at the end of a line; empty for what the proxy has by itself. */
export function place(origin: Origin | null, paint: Paint): string {
  const text = originPlace(origin);
  return text === '' ? '' : `  ${paint('cyan', printableLine(text))}`;
}
