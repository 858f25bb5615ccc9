/** What a peer may send at most, through the real command: each limit with its status and flag. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { defaultLimits } from '../../src/model/limits.ts';
import { eventually } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { methodAndPath, ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Bytes short of a limit that are surely under it, with what the rest of the head takes. */
const margin = 1024;
const { requestHeadBytes, requestHeaderCount, responseHeadBytes, chunkLineBytes } = defaultLimits;

interface LimitCase {
  readonly name: string;
  readonly bytes: string;
  readonly status: number;
  /** Response flags in the access log. */
  readonly flags: string;
}

const chunkedHead = 'POST /chunk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

const cases: readonly LimitCase[] = [
  {
    name: 'a head under its size',
    bytes: getRequest('/head', 'a', [['X-Big', 'x'.repeat(requestHeadBytes - margin)]]),
    status: 200,
    flags: '-',
  },
  {
    name: 'a head over its size',
    bytes: getRequest('/head', 'a', [['X-Big', 'x'.repeat(requestHeadBytes + 1)]]),
    status: 431,
    flags: 'DPE',
  },
  {
    name: 'a request line over the size of a head',
    bytes: getRequest(`/${'p'.repeat(requestHeadBytes + 1)}`, 'a'),
    status: 431,
    flags: 'DPE',
  },
  {
    name: 'as many headers as allowed',
    bytes: getRequest('/count', 'a', manyHeaders(requestHeaderCount - 1)),
    status: 200,
    flags: '-',
  },
  {
    name: 'one header too many',
    bytes: getRequest('/count', 'a', manyHeaders(requestHeaderCount)),
    status: 431,
    flags: 'DPE',
  },
  {
    name: 'a chunk line over its size',
    bytes: `${chunkedHead}1;${'e'.repeat(chunkLineBytes + 1)}\r\nx\r\n0\r\n\r\n`,
    status: 400,
    flags: 'DPE',
  },
  {
    name: 'a response head over its size',
    bytes: getRequest('/big-response', 'a'),
    status: 502,
    flags: 'UPE',
  },
];

t.test('sizes', async (t) => {
  const origin = await scriptedOrigin((request) =>
    methodAndPath(request) === 'GET /big-response'
      ? ok('', `X-Big: ${'x'.repeat(responseHeadBytes + 1)}\r\n`)
      : ok('fine'),
  );
  const logs = tempFolder();
  const log = join(logs.path, 'access.log');
  const args = ['--access-log', log, '--access-log-format', '%RESPONSE_CODE% %RESPONSE_FLAGS%'];
  const edge = await startEdgeProxy({ originPort: origin.port, args });
  t.teardown(async () => {
    await Promise.all([edge.stop(), origin.stop()]);
    logs.remove();
  });
  let lines = 0;
  for (const item of cases) {
    await t.test(item.name, async (t) => {
      const response = await exchange(item.bytes, { port: edge.port });
      t.equal(response.status, item.status);
      lines += 1;
      const line = await eventually('its log line', { within: 5000 }, () => {
        const all = readFileSync(log, 'latin1').split('\n');
        return all.length > lines ? (all[lines - 1] ?? '') : null;
      });
      t.equal(line, `${item.status} ${item.flags}`);
    });
  }
});

function manyHeaders(count: number): [string, string][] {
  // Host is one of the lines.
  return Array.from({ length: count }, (_, index) => [`X-${index}`, 'v']);
}
