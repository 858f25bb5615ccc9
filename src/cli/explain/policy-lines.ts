/** Settings of an explanation, and the places where they are said. */

import type { PolicyValue } from '../../explain/explained-target.ts';
import type { Origin } from '../../model/origin.ts';
import type { Paint } from '../output/color.ts';
import { originPlace } from '../output/origin-text.ts';
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
  return origin === null ? '' : `  ${paint('cyan', printableLine(originPlace(origin)))}`;
}
