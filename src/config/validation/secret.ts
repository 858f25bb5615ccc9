/** Secret: what the API server of Kubernetes refuses of it. Nothing of a value is shown. */

import { findingCode } from '../finding-code.ts';
import type { Problems } from '../problem.ts';
import type { SecretSpec } from '../schema/kubernetes.ts';

export function checkSecret({ data = {} }: SecretSpec, problems: Problems): void {
  for (const [key, value] of Object.entries(data)) {
    if (isBase64(value)) continue;
    problems.add({
      code: findingCode.badValue,
      path: ['data', key],
      at: 'key',
      message: `the value of "${key}" is not base64`,
      hint: 'put plain text under "stringData", or write what `base64 -w0 FILE` prints',
    });
  }
}

/** Line breaks are allowed in it. */
function isBase64(text: string): boolean {
  const digits = text.replace(/[\r\n]/g, '');
  return digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
}
