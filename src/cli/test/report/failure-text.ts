/** A failure as plain text, for reports that other programs show. */

import type { Failure } from '../../../routing-tests/run-test.ts';
import { walkLines } from './walk-lines.ts';

export function failureText({ request, message, differences, explanation }: Failure): string {
  return [
    `${request === '' ? '' : `${request}: `}${message}`,
    ...differences.map(
      ({ field, expected, actual }) =>
        `  ${field}: expected ${expected ?? 'nothing'}, actual ${actual ?? 'nothing'}`,
    ),
    ...(explanation === null ? [] : walkLines(explanation).map((line) => `  ${line}`)),
  ].join('\n');
}
