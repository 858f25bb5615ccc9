/**
 * Stands in for the process that reads configuration: does what the text of the first file says.
 * Its answer lists as `kept` every request that it has had.
 */

import type { ConfigAnswer, ConfigRequest } from '../../src/runtime/config-loader.ts';

const seen: string[] = [];

function answer(text: string): ConfigAnswer {
  if (text === 'defect') return { kind: 'defect', message: 'internal error: x is not a function' };
  seen.push(text);
  const problem = { severity: 'error', code: 'SLC0010', message: text, hint: null } as const;
  const place = { file: 'a.yaml', line: 1, column: 1, path: '', resource: '' };
  const findings = text.startsWith('bad') ? [{ ...problem, ...place }] : [];
  const outcome = {
    loaded: null,
    flagErrors: [],
    findings,
    rejected: [],
    kept: [...seen],
    keepsSecrets: false,
  };
  return { kind: 'outcome', outcome };
}

process.once('message', () => {
  process.on('message', ({ files }: ConfigRequest) => {
    const text = files[0]?.text ?? '';
    if (text === 'die') process.exit(3);
    while (text === 'loop') Buffer.alloc(1);
    process.send?.(answer(text));
  });
});
