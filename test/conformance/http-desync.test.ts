/**
 * Requests that proxies and origins may understand differently (http-desync-guardian), through the
 * real proxy: severe ones are refused and never reach the origin, ambiguous ones are refused or
 * arrive as one well-formed request, compliant ones are served.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import {
  describeProbe,
  isRefused,
  isSafe,
  type ProbeResult,
  probe,
  startProbeOrigin,
} from '../support/smuggling-probe.ts';
import { dataSet, missingData } from '../support/test-data.ts';

interface DesyncCase {
  readonly name: string;
  readonly uri: string;
  readonly method: string;
  readonly version: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  readonly expected: { readonly tier: 'Compliant' | 'Acceptable' | 'Ambiguous' | 'Severe' };
}

/** What RFC 9112 permits and this proxy refuses all the same: stricter on purpose. */
const refusedOnPurpose: readonly (readonly [reason: string, test: (bytes: string) => boolean])[] = [
  ['only chunked transfer coding', (bytes) => /transfer-encoding:(?!\s*chunked\s*\r)/i.test(bytes)],
  ['no bytes above 0x7f in the target', (bytes) => /^[^\r]*[\x80-\xff]/.test(bytes)],
  ['no empty or non-path target', (bytes) => !/^[A-Z]+ (?:\/|https?:)/.test(bytes)],
  ['no characters that a target must encode', (bytes) => /^[^\r]*["<>`{}|\\^#]/.test(bytes)],
  ['control characters encoded in the path are refused', (bytes) => /^[^\r]*%0[0AD]/i.test(bytes)],
];

const folder = dataSet('http-desync-guardian');
const skip = folder === null ? missingData('http-desync-guardian') : false;

t.setTimeout(120_000);

t.test('http-desync-guardian through the real proxy', { skip }, async (t) => {
  const origin = await startProbeOrigin();
  const edge = await startEdgeProxy({ originPort: origin.port });
  t.teardown(async () => {
    await edge.stop();
    await origin.stop();
  });
  for (const { file, item, bytes } of readCases(folder ?? '')) {
    const segments = [Buffer.from(bytes, 'latin1')];
    const result = await probe({ port: edge.port, origin, segments });
    const name = `${file} ${item.expected.tier}: ${item.name}`;
    t.ok(isRight(item, bytes, result), name, { ...describeProbe(result), bytes });
  }
});

function isRight(item: DesyncCase, bytes: string, result: ProbeResult): boolean {
  if (!isSafe(result) || result.forwarded.length > 1) return false;
  const refused = isRefused(result);
  const servedOnce = result.forwarded.length === 1 && result.responses[0]?.status === 200;
  switch (item.expected.tier) {
    case 'Severe':
      return refused;
    case 'Ambiguous':
    case 'Acceptable':
      return refused || servedOnce;
    case 'Compliant':
      return servedOnce || (refused && refusedOnPurpose.some(([, test]) => test(bytes)));
  }
}

function readCases(path: string): { file: string; item: DesyncCase; bytes: string }[] {
  const files = readdirSync(path).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((file) => {
    const items = parse(readFileSync(join(path, file), 'utf8')) as DesyncCase[];
    return items.map((item) => ({ file, item, bytes: requestBytes(item) }));
  });
}

/** The request with a body that fits its framing, and with a Host: only its oddity counts. */
function requestBytes(item: DesyncCase): string {
  const headers = item.headers ?? [];
  const named = (name: string): string[] =>
    headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => `${value}`);
  const lines = [`${item.method} ${item.uri}${item.version === '' ? '' : ` ${item.version}`}`];
  if (!headers.some(({ name }) => name.trim().toLowerCase() === 'host')) lines.push('Host: a.test');
  for (const { name, value } of headers) lines.push(`${name}: ${value}`);
  const [length = ''] = named('content-length');
  const size = /^\s*\d{1,7}\s*$/.test(length) ? Number(length) : 0;
  const chunked = /chunked/i.test(named('transfer-encoding').join());
  const body = chunked ? '0\r\n\r\n' : 'x'.repeat(size);
  return latin1(`${lines.join('\r\n')}\r\n\r\n`) + body;
}

/** Characters beyond latin1 go out as their UTF-8 bytes. */
function latin1(text: string): string {
  return [...text]
    .map((char) =>
      (char.codePointAt(0) ?? 0) <= 0xff ? char : Buffer.from(char).toString('latin1'),
    )
    .join('');
}
