import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { messageLink } from '../../src/cli/findings/message-link.ts';
import { istioCode, severityOfIstio } from '../../src/config/analysis/istio-code.ts';
import { kialiCode, severityOfKiali } from '../../src/config/analysis/kiali-code.ts';
import { findingCode, severityOf } from '../../src/config/finding-code.ts';
import {
  severityOfTranslation,
  translationCode,
} from '../../src/config/translate/translation-findings.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/messages.md'), 'utf8');

t.test('docs/messages.md has every code, once, with its severity, and no other', async (t) => {
  const documented = [...text.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(
    ([, code, severity]) => `${code} ${severity}`,
  );
  const expected = [
    ...Object.values(findingCode).map((code) => `${code} ${severityOf[code]}`),
    ...Object.values(istioCode).map((code) => `${code} ${severityOfIstio[code]}`),
    ...Object.values(kialiCode).map((code) => `${code} ${severityOfKiali[code]}`),
    ...Object.values(translationCode).map((code) => `${code} ${severityOfTranslation(code)}`),
  ];
  t.strictSame(documented.sort(), expected.sort());
});

t.test('every code has an anchor, which findings link to', async (t) => {
  const rows = [...text.matchAll(/^\| `(\w+)` \| \w+ \| (.*)$/gm)];
  for (const [, code = '', start = ''] of rows) {
    const [, anchor] = messageLink(code).split('#');
    t.ok(start.startsWith(`<a id="${anchor}"></a>`), code);
  }
});
