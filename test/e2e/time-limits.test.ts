/** How long a peer may take, through the real command: each limit with its status and flag. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { eventually, within } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';
import { methodAndPath, ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { tempFolder } from '../support/temp-folder.ts';

const limits = `
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: limits}
spec:
  limits: {requestHeadTimeout: 400ms, downstreamIdle: 800ms, streamIdle: 600ms}
`;
/** The timer wheel is coarse, and the machine may be busy. */
const slackMs = 5000;

t.test('times', async (t) => {
  const origin = await scriptedOrigin((request, { socket }) => {
    switch (methodAndPath(request)) {
      case 'GET /never':
        return null;
      case 'GET /stalls':
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'latin1');
        return null;
      default:
        return ok('fine');
    }
  });
  const logs = tempFolder();
  const log = join(logs.path, 'access.log');
  const args = ['--access-log', log, '--access-log-format', '%RESPONSE_CODE% %RESPONSE_FLAGS%'];
  const edge = await startEdgeProxy({ originPort: origin.port, documents: limits, args });
  t.teardown(async () => {
    await Promise.all([edge.stop(), origin.stop()]);
    logs.remove();
  });
  const connect = async (): Promise<RawConnection> => {
    const connection = await RawConnection.connect({ port: edge.port });
    t.teardown(() => connection.destroy());
    return connection;
  };
  const logged = (line: string): Promise<boolean> =>
    eventually(`log line ${line}`, { within: slackMs }, () =>
      readFileSync(log, 'latin1').split('\n').includes(line),
    );

  t.test('a head that does not end', async (t) => {
    const connection = await connect();
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n');
    const response = await connection.readResponse({ timeoutMs: slackMs });
    t.equal(response.status, 408);
    await within(slackMs, 'close', connection.closed);
  });

  t.test('a connection without a request', async () => {
    const connection = await connect();
    connection.write(getRequest('/', 'a'));
    await connection.readResponse();
    await within(slackMs, 'close', connection.closed);
  });

  t.test('an origin that does not answer', async (t) => {
    const connection = await connect();
    connection.write(getRequest('/never', 'a'));
    const response = await connection.readResponse({ timeoutMs: slackMs });
    t.equal(response.status, 504);
    t.ok(await logged('504 SI'));
  });

  t.test('a client that does not go on', async (t) => {
    const connection = await connect();
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    const response = await connection.readResponse({ timeoutMs: slackMs });
    t.ok(response.status === 408 || response.status === 504, `status ${response.status}`);
    t.ok(await logged(`${response.status} SI`));
  });

  t.test('an origin that stops within its body', async (t) => {
    const connection = await connect();
    connection.write(getRequest('/stalls', 'a'));
    const response = await connection.readResponse({ timeoutMs: slackMs });
    t.equal(response.truncated, true);
    t.ok(await logged('200 SI'));
  });
});
