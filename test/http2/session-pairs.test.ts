/** Two sessions that do everything there is to do, at any time: neither finds fault with the other. */

import fc from 'fast-check';
import t from 'tap';
import { getFields, postFields } from './frames.ts';
import { carry, exchange, newPair } from './session-pair.ts';
import type { ProbeStream, SessionProbe } from './session-probe.ts';

/** What one side does with one of its streams; `n` is some size. */
const deeds: readonly ((stream: ProbeStream, n: number) => void)[] = [
  ({ handle }, n) => handle.sendData('d'.repeat(n)),
  ({ handle }, n) => handle.sendBytes(Buffer.alloc(n + 2), 1, n + 1),
  ({ handle }) => handle.sendEnd(),
  ({ handle }) => handle.sendTrailers(['x-trailer', '1']),
  ({ handle }) => handle.pause(),
  ({ handle }) => handle.resume(),
  ({ handle }) => handle.discardInput(),
  ({ handle }, n) => handle.reset(n % 14),
];

interface Step {
  readonly isClient: boolean;
  readonly action: 'open' | 'respond' | 'deed' | 'carry' | 'ping' | 'stuff';
  readonly at: number;
  readonly deed: number;
  readonly n: number;
  readonly cut: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  isClient: fc.boolean(),
  action: fc.constantFrom(
    ...(['open', 'open', 'respond', 'respond', 'deed', 'deed', 'deed', 'deed'] as const),
    ...(['carry', 'carry', 'carry', 'ping', 'stuff'] as const),
  ),
  at: fc.nat(6),
  deed: fc.nat(deeds.length - 1),
  n: fc.nat(120),
  cut: fc.integer({ min: 1, max: 40 }),
});

function pick(probe: SessionProbe, at: number): ProbeStream | undefined {
  return [...probe.streams.values()].at(-1 - at);
}

function take(step: Step, own: SessionProbe, peer: SessionProbe): void {
  const { action, at, deed, n, cut, isClient } = step;
  const stream = pick(own, at);
  if (action === 'open' && isClient) own.open(n % 2 === 0 ? getFields : postFields, n % 3 === 0);
  else if (action === 'respond' && !isClient) {
    if (stream?.started === false) stream.handle.sendHeaders([':status', '200'], n % 5 === 0);
    if (stream !== undefined) stream.started = true;
  } else if (action === 'deed' && stream !== undefined) {
    // A response begins with its head.
    if (isClient || stream.started || deed > 3) deeds[deed]?.(stream, n);
  } else if (action === 'carry') carry(own, peer, [cut]);
  else if (action === 'ping') own.session.ping();
  else if (action === 'stuff') own.queuedBytes = own.queuedBytes === 0 ? 1 << 20 : 0;
}

t.test('whatever both do, each takes what the other sends', async (t) => {
  const property = fc.property(
    fc.integer({ min: 1, max: 100 }),
    fc.array(step, { minLength: 5, maxLength: 60 }),
    (windowBytes, steps) => {
      const [client, server] = newPair(windowBytes);
      for (const each of steps) {
        const [own, peer] = each.isClient ? [client, server] : [server, client];
        take(each, own, peer);
      }
      client.queuedBytes = 0;
      server.queuedBytes = 0;
      for (const { handle } of [...client.streams.values(), ...server.streams.values()]) {
        handle.resume();
      }
      exchange(client, server, [1000]);
      // Nothing is left over that both think the other must end.
      for (const { handle } of client.streams.values()) handle.reset(8);
      exchange(client, server, [1000]);
      const isQuiet = client.session.openStreams === 0 && server.session.openStreams === 0;
      const malformed = [...client.events, ...server.events].filter((event) =>
        event.startsWith('malformed'),
      );
      return isQuiet && client.error === null && server.error === null && malformed.length === 0;
    },
  );
  fc.assert(property, { numRuns: 1500 });
  t.pass('1500 runs');
});
