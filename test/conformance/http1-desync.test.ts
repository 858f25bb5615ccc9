/**
 * Requests that two readers may understand differently (http-desync-guardian), at the codec: what
 * is severe is refused; what is taken is, written anew, read as exactly the same one request.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { writeRequestHead } from '../../src/http1/head-writer.ts';
import { readRequests } from '../http1/codec-probe.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { Http1Suite, type Judgement } from './http1-suite.ts';

type Tier = 'Compliant' | 'Acceptable' | 'Ambiguous' | 'Severe';

interface DesyncCase {
  readonly name: string;
  readonly uri: string;
  readonly method: string;
  readonly version: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly expected: { readonly tier: Tier };
}

const floor = { inScope: 154, share: 1 };

const folder = dataSet('http-desync-guardian');
const skip = folder === null ? missingData('http-desync-guardian') : false;

t.test('http-desync-guardian', { skip }, async (t) => {
  const all = new Http1Suite('http-desync-guardian');
  const smuggling = new Http1Suite('http-desync-guardian, ambiguous and severe');
  for (const { file, item } of readCases(folder ?? '')) {
    const row = `${file}: ${item.name}`;
    if (isInScope(item)) {
      const judgement = judge(item);
      all.add(row, judgement);
      const { tier } = item.expected;
      if (tier === 'Ambiguous' || tier === 'Severe') smuggling.add(row, judgement);
    } else {
      all.leaveOut();
    }
  }
  t.comment(all.report());
  t.comment(smuggling.report());
  t.ok(all.share >= floor.share, `${all.share} of the rows pass`);
  t.ok(all.inScope >= floor.inScope, `${all.inScope} rows in scope`);
  t.same(smuggling.failures, [], 'no smuggling row fails');
  t.same(all.unknownRows(), []);
});

function readCases(path: string): { readonly file: string; readonly item: DesyncCase }[] {
  const files = readdirSync(path).filter((file) => file.endsWith('.yaml'));
  return files.sort().flatMap((file) => {
    const items = parse(readFileSync(join(path, file), 'utf8')) as DesyncCase[];
    return items.map((item) => ({ file: file.replace('.yaml', ''), item }));
  });
}

/** HTTP/1.0 and 0.9 that are well formed get 426, whatever else they are. */
function isInScope(item: DesyncCase): boolean {
  return item.version !== 'HTTP/1.0' && item.version !== '';
}

function toBytes(item: DesyncCase): string {
  const fields = (item.headers ?? []).map(({ name, value }) => `${name}:${value ?? ''}\r\n`);
  const text = `${item.method} ${item.uri} ${item.version}\r\n${fields.join('')}\r\n`;
  const isLatin1 = [...text].every((letter) => letter.charCodeAt(0) <= 0xff);
  return isLatin1 ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function judge(item: DesyncCase): Judgement {
  const { error, messages } = readRequests([toBytes(item)]);
  const { tier } = item.expected;
  const mustPass = tier === 'Compliant';
  if (error !== null) return { passed: !mustPass, error, why: `refused: ${error.code}` };
  const [message] = messages;
  if (message === undefined || messages.length !== 1 || tier === 'Severe') {
    return { passed: false, error, why: `${messages.length} messages taken` };
  }
  const { head } = message;
  const written = writeRequestHead(head.method, head.target, head.headers);
  const again = readRequests([written]);
  const isSame = JSON.stringify(again.messages[0]?.head) === JSON.stringify(head);
  const passed = isSame && again.messages.length === 1 && again.error === null;
  return { passed, error, why: `${tier} taken, and read otherwise when written anew` };
}
