/** gunicorn's valid requests: read with the same method, target, fields and body. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readRequests } from '../http1/codec-probe.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { Http1Suite, type Judgement, pathOf } from './http1-suite.ts';

interface ExpectedRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

interface GunicornCase {
  readonly file: string;
  readonly base64: string;
  /** `?` where the test does not say. */
  readonly expect: ExpectedRequest | '?';
  readonly settings?: readonly string[];
}

const floor = { inScope: 40, share: 1 };

const folder = dataSet('gunicorn-http');
const skip = folder === null ? missingData('gunicorn-http') : false;

t.test('gunicorn', { skip }, async (t) => {
  const file = join(folder ?? '', 'valid.json');
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: GunicornCase[] };
  const suite = new Http1Suite('gunicorn-http');
  for (const item of cases) {
    const bytes = Buffer.from(item.base64, 'base64').toString('latin1');
    // Settings switch on lenient modes and the PROXY protocol.
    const isInScope = item.settings === undefined && !/^[^\r]* HTTP\/1\.0/.test(bytes);
    if (isInScope) suite.add(item.file, judge(item, bytes));
    else suite.leaveOut();
  }
  t.comment(suite.report());
  t.ok(suite.share >= floor.share, `${suite.share} of the rows pass`);
  t.ok(suite.inScope >= floor.inScope, `${suite.inScope} rows in scope`);
  t.same(suite.unknownRows(), []);
});

function judge(item: GunicornCase, bytes: string): Judgement {
  const { error, messages } = readRequests([bytes]);
  const message = messages[0];
  if (error !== null) return { passed: false, error, why: `refused: ${error.code}` };
  if (item.expect === '?') return { passed: message !== undefined, error, why: 'nothing read' };
  if (message?.complete !== true) return { passed: false, error, why: 'is not complete' };
  const { method, uri, headers, body } = item.expect;
  const { head } = message;
  const got = [head.method, head.target, head.headers.flat, message.body];
  const wanted = [
    method,
    pathOf(uri),
    headers.flatMap(([name, value]) => [name.toLowerCase(), value]),
    body,
  ];
  const passed = JSON.stringify(got) === JSON.stringify(wanted);
  return { passed, error, why: `${JSON.stringify(got)}, not ${JSON.stringify(wanted)}` };
}
