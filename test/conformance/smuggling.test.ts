/**
 * Parser cases of llhttp and of Envoy, sent through the real proxy: whatever they are, the origin
 * gets nothing, or exactly the requests that a strict parser reads from the bytes.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
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

interface LlhttpCase {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly type: string;
  readonly input_base64: string;
  readonly expect: {
    readonly error: { readonly reason: string } | null;
    readonly messages: readonly { readonly method?: string; readonly url?: string }[];
  };
}

interface EnvoyCase {
  readonly test: string;
  readonly side: string;
  readonly segments_base64: readonly string[];
  readonly result: 'accept' | 'reject';
  readonly error?: string;
}

// Hundreds of cases, some of which wait for a silence.
t.setTimeout(120_000);

const llhttp = dataSet('llhttp-cases');
const envoy = dataSet('envoy-http1');

t.test(
  'llhttp request cases',
  { skip: llhttp === null && missingData('llhttp-cases') },
  async (t) => {
    const rig = await startRig(t);
    const text = readFileSync(join(llhttp ?? '', 'llhttp-cases.json'), 'utf8');
    for (const item of JSON.parse(text) as LlhttpCase[]) {
      if (!item.type.startsWith('request')) continue;
      const bytes = Buffer.from(item.input_base64, 'base64');
      // Without a Host they would all be refused for that, and nothing else would be tested.
      const result = await probe({ ...rig, segments: [withHost(bytes)] });
      t.ok(onlyMeantRequests(result, item.expect.messages.length), nameOf(item), {
        ...describeProbe(result),
        input: bytes.toString('latin1'),
      });
    }
  },
);

t.test('Envoy codec cases', { skip: envoy === null && missingData('envoy-http1') }, async (t) => {
  const rig = await startRig(t);
  const text = readFileSync(join(envoy ?? '', 'codec-cases.json'), 'utf8');
  for (const item of (JSON.parse(text) as { cases: EnvoyCase[] }).cases) {
    if (item.side !== 'request') continue;
    const segments = item.segments_base64.map((segment) => Buffer.from(segment, 'base64'));
    const heads = Buffer.concat(segments).toString('latin1').split('\r\n\r\n').length;
    const result = await probe({ ...rig, segments });
    const about = { ...describeProbe(result), input: Buffer.concat(segments).toString('latin1') };
    t.ok(onlyMeantRequests(result, heads), `${item.test}: ${item.error ?? item.result}`, about);
  }
});

async function startRig(t: Test) {
  const origin = await startProbeOrigin();
  const edge = await startEdgeProxy({ originPort: origin.port });
  t.teardown(async () => {
    await edge.stop();
    await origin.stop();
  });
  return { port: edge.port, origin };
}

/** Refused, or left incomplete, or at most the requests that were meant, each well-formed. */
function onlyMeantRequests(result: ProbeResult, meant: number): boolean {
  if (!isSafe(result)) return false;
  return isRefused(result) || result.forwarded.length <= meant;
}

function withHost(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  if (/^host[ \t]*:/im.test(text)) return bytes;
  const added = text.replace(/^([A-Z]+ [^\r\n]* HTTP\/1\.1)\r\n/gm, '$1\r\nHost: a.test\r\n');
  return Buffer.from(added, 'latin1');
}

function nameOf(item: LlhttpCase): string {
  return `${item.file}:${item.line} ${item.name} (${item.expect.error?.reason ?? 'accepted'})`;
}
