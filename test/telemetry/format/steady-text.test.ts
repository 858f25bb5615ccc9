import t from 'tap';
import { compileFormat } from '../../../src/telemetry/format/format.ts';
import { steadyOperators } from '../../../src/telemetry/format/steady-text.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import { testCluster, testStreamInfo } from '../stream-info-fixture.ts';

function lineOf(format: string): (info: StreamInfo) => string {
  const compiled = compileFormat(format, 'access-log');
  if (!compiled.ok) throw new Error(compiled.error.message);
  return (info) => compiled.value.format(info);
}

/** Of each field another value than the fixture has, as a connection or an answer may have it. */
const changes: Partial<Record<keyof StreamInfo, unknown>> = {
  status: 503,
  details: 'upstream reset',
  responseFlags: 6,
  protocol: 'HTTP/2',
  upstreamTransportFailure: 'TLS error: 1',
  upstreamLocalAddress: '127.0.0.1:40001',
  upstreamAddress: '127.0.0.1:9081',
  cluster: { ...testCluster(), name: 'other' },
  connectionId: 2,
  downstreamRemoteAddress: '10.0.0.7:0',
  downstreamDirectRemoteAddress: '10.0.0.8:40000',
  downstreamLocalAddress: '127.0.0.1:15002',
  requestedServerName: 'shop.test',
};

function changed(field: string): StreamInfo {
  return Object.assign(testStreamInfo(), { [field]: changes[field as keyof StreamInfo] });
}

for (const names of steadyOperators) {
  t.test(`${names[0]} and its like are those of the exchange in hand`, async (t) => {
    const together = lineOf(`a ${names.map((name) => `%${name}%`).join(' b ')} c`);
    const alone = names.map((name) => lineOf(`%${name}%`));
    const expected = (info: StreamInfo) => `a ${alone.map((line) => line(info)).join(' b ')} c`;
    const lines = new Set<string>();
    for (const field of Object.keys(changes)) {
      // The one that is known, the change, and the one that is known again.
      for (const info of [testStreamInfo(), changed(field), testStreamInfo()]) {
        const line = together(info);
        t.equal(line, expected(info), field);
        lines.add(line);
      }
    }
    t.ok(lines.size > 2, 'the changes were seen');
  });
}

t.test('groups, literals and other operators keep their places', async (t) => {
  const line = lineOf(
    '<%PROTOCOL% %RESPONSE_CODE%|%UPSTREAM_HOST%,%UPSTREAM_LOCAL_ADDRESS%>%DURATION%',
  );
  t.equal(line(testStreamInfo()), '<HTTP/1.1 200|127.0.0.1:9080,127.0.0.1:40000>12');
  const end = lineOf('%BYTES_SENT%%RESPONSE_CODE%-%RESPONSE_FLAGS%');
  t.equal(end(testStreamInfo()), '23200--');
});

t.test('an argument makes an operator another one', async (t) => {
  const info = testStreamInfo();
  info.requestedServerName = 'a.test';
  const line = lineOf('%DOWNSTREAM_LOCAL_ADDRESS% %REQUESTED_SERVER_NAME(HOST_FIRST)%');
  t.equal(line(info), '127.0.0.1:15001 reviews:9080');
  info.authority = 'ratings:9080';
  t.equal(line(info), '127.0.0.1:15001 ratings:9080');
});

/** What is read of an exchange for its line: less where its text is found. */
function readsFor(line: (info: StreamInfo) => string, info: StreamInfo): number {
  let reads = 0;
  const counting = new Proxy(info, {
    get(target, name) {
      reads++;
      return Reflect.get(target, name);
    },
  });
  line(counting);
  return reads;
}

function ofConnection(id: number): StreamInfo {
  const info = testStreamInfo();
  info.connectionId = id;
  info.downstreamRemoteAddress = `127.0.0.1:${id}`;
  return info;
}

const ofClient =
  '%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS% ' +
  '%DOWNSTREAM_LOCAL_ADDRESS% %REQUESTED_SERVER_NAME%';

t.test('text that comes again is found', async (t) => {
  const line = lineOf(ofClient);
  const first = readsFor(line, ofConnection(1));
  t.ok(readsFor(line, ofConnection(1)) < first);
});

t.test('no more than 1,024 texts are kept, and not those of connections for ever', async (t) => {
  const line = lineOf(ofClient);
  for (const _ of [1, 2]) {
    const lines = Array.from({ length: 3000 }, (_, id) => {
      return line(ofConnection(id)) === `127.0.0.1:${id} 127.0.0.1:${id} 127.0.0.1:15001 -`;
    });
    t.notOk(lines.includes(false));
  }
  const found = readsFor(line, ofConnection(1023));
  t.ok(found < readsFor(line, ofConnection(1024)), 'there was no room');
  const later = Array.from({ length: 16 * 1024 }, (_, id) => ofConnection(5000 + id));
  const isFound = (info: StreamInfo) => readsFor(line, info) === found;
  t.ok(
    later.some((info) => isFound(info) || isFound(info)),
    'there is again',
  );
});

t.test('clients of one connection, which another proxy names', async (t) => {
  const line = lineOf('%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS%');
  for (const client of ['10.0.0.1:0', '10.0.0.2:0', '10.0.0.1:0']) {
    for (const peer of ['127.0.0.1:50000', '127.0.0.1:50001']) {
      const info = testStreamInfo();
      info.downstreamRemoteAddress = client;
      info.downstreamDirectRemoteAddress = peer;
      t.equal(line(info), `${client} ${peer}`);
    }
  }
});
