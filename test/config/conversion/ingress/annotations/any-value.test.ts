/** No value of an annotation stops the configuration: what cannot be used is left out. */

import * as fc from 'fast-check';
import t from 'tap';
import { servedAnnotations } from '../../../../../src/config/conversion/ingress/annotations/annotation-names.ts';
import { checkConfiguration } from '../../../../support/check-configuration.ts';
import { ingress, kubernetesService } from './annotated.ts';

/** What must be there for another annotation to count. */
const beside: Readonly<Record<string, string>> = {
  'enable-cors': 'true',
  affinity: 'cookie',
  'rewrite-target': '/new/$2',
  'default-backend': 'web',
  'permanent-redirect': 'https://new.example',
};

function besideOf(name: string): Record<string, string> {
  const needed = Object.entries(beside).filter(([key]) =>
    key === 'permanent-redirect' ? name === `${key}-code` : !name.endsWith('-redirect'),
  );
  return Object.fromEntries(name === 'upstream-hash-by' ? [] : needed);
}

/** Each annotation in an Ingress, and those of canaries in one beside it, has the value. */
function everywhere(value: string): string {
  const rules = servedAnnotations.flatMap((name, index) => {
    const parts = { name: `i${index}`, host: `h${index}.example`, paths: ['/a(/|$)(.*)'] };
    const own = { ...besideOf(name), [name]: value };
    if (!name.startsWith('canary')) return [ingress(own, parts)];
    const canary = { canary: 'true', 'canary-by-header': 'x-canary', [name]: value };
    return [ingress({}, parts), ingress(canary, { ...parts, name: `c${index}` })];
  });
  return [kubernetesService('web'), ...rules].join('');
}

const known = [
  ...['$constructor', '$__proto__', '${hasOwnProperty}', 'https://x/$toString', '__proto__'],
  ...['constructor', 'always', '/a b', 'bad host', '/a\r\nevil: 1', '/x;Domain=evil', 'a;b c'],
  ...['%START_TIME%', '/100%', '%REQ(', 'http://h:0$request_uri', 'https://h:99999/', '0', '-1'],
  ...['1e3', '99999999999', 'https://a\u0001b/', '/\ud800', 'https://ü.example/é', '(', '[', '\\'],
  ...[
    '$1',
    '$9$',
    '\\9',
    '*',
    ',',
    ';',
    '',
    ' ',
    '\u0000',
    '/#?',
    'a:b:c',
    '[::1]:80',
    '1.2.3.4/0',
  ],
];

t.test('values that have a meaning somewhere', async (t) => {
  for (const value of known) {
    t.strictSame(checkConfiguration(everywhere(value)), [], JSON.stringify(value));
  }
});

t.test('random values', async () => {
  const piece = fc.constantFrom(...known, 'https://', 'http://a', '/b', ':80', '.*', '|', '"', '{');
  const value = fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 4 });
  fc.assert(
    fc.property(value, (parts) => checkConfiguration(everywhere(parts.join(''))).length === 0),
    { numRuns: process.env['SLUICE_FULL'] === '1' ? 2000 : 30, seed: 1 },
  );
});
