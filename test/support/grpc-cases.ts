/** Calls of all kinds that a gRPC client makes through a proxy, and what has to come of them. */

import { status } from '@grpc/grpc-js';
import type { Test } from 'tap';
import { eventually } from './deadline.ts';
import { collect, type GrpcCallOptions, type GrpcClient } from './grpc-client.ts';
import { type GrpcOrigin, initialField, trailingField } from './grpc-origin.ts';
import { ask } from './grpc-service.ts';

/** Bytes of the messages of the streaming cases. */
const uploads = [27_182, 8, 1_828, 45_904];
const downloads = [31_415, 9, 2_653, 58_979];

type Case = (t: Test, client: GrpcClient, origin: GrpcOrigin) => Promise<void>;

/** By what they show. */
export const grpcCases: Readonly<Record<string, Case>> = {
  'an empty call': async (t, client) => {
    const { code, messages } = await client.ping();
    t.equal(code, status.OK);
    t.equal(messages.length, 1);
  },

  'a call with large messages': async (t, client) => {
    const { code, messages } = await client.ask(ask({ size: 271_828, answers: [314_159] }));
    t.equal(code, status.OK);
    t.same(messages.map(client.service.readAnswer), [314_159]);
  },

  'a stream of the client': async (t, client) => {
    const { code, messages } = await client.upload(uploads.map((size) => ask({ size })));
    t.equal(code, status.OK);
    t.same(messages.map(client.service.readTotal), [74_922]);
  },

  'a stream of the origin': async (t, client) => {
    const { code, messages } = await client.download(ask({ answers: downloads }));
    t.equal(code, status.OK);
    t.same(messages.map(client.service.readAnswer), downloads);
  },

  'messages that take turns': async (t, client) => {
    const call = client.chat();
    const end = collect(call);
    let turn = 0;
    const next = (): void => {
      const answers = downloads.slice(turn, turn + 1);
      if (turn === downloads.length) call.end();
      else call.write(client.service.writeAsk(ask({ size: uploads[turn] ?? 0, answers })));
      turn++;
    };
    call.on('data', next);
    next();
    const { code, messages } = await end;
    t.equal(code, status.OK);
    t.same(messages.map(client.service.readAnswer), downloads);
  },

  'a stream without any message': async (t, client) => {
    const call = client.chat();
    const end = collect(call);
    call.end();
    const { code, messages } = await end;
    t.equal(code, status.OK);
    t.same(messages, []);
  },

  'many calls at once': async (t, client) => {
    const calls = Array.from({ length: 300 }, (_, size) =>
      client.ask(ask({ size, answers: [size] })),
    );
    const sizes = (await Promise.all(calls)).flatMap(({ messages }) =>
      messages.map(client.service.readAnswer),
    );
    t.same(sizes, [...calls.keys()]);
  },

  'a long stream both ways': async (t, client) => {
    const [count, size] = [100, 131_072];
    const call = client.chat();
    const end = collect(call);
    for (let sent = 0; sent < count; sent++) {
      call.write(client.service.writeAsk(ask({ size, answers: [size] })));
    }
    call.end();
    const { code, messages } = await end;
    t.equal(code, status.OK);
    t.same(messages.map(client.service.readAnswer), Array(count).fill(size));
  },

  'metadata at both ends, as text and as bytes': async (t, client) => {
    const bytes = Buffer.from([0, 1, 0xab, 0xfe, 0xff]);
    const metadata = { [initialField]: 'some text', [trailingField]: bytes };
    const call = client.chat({ metadata });
    const streamed = collect(call);
    call.write(client.service.writeAsk(ask({ size: 10, answers: [10] })));
    call.end();
    const unary = client.ask(ask({ size: 10, answers: [10] }), { metadata });
    for (const { code, initial, trailing } of await Promise.all([unary, streamed])) {
      t.equal(code, status.OK);
      t.same(initial?.get(initialField), ['some text']);
      t.same(trailing.get(trailingField), [bytes]);
    }
  },

  'a status with its message': async (t, client) => {
    const ending = { code: status.UNKNOWN, message: 'test status message' };
    const call = client.chat();
    const streamed = collect(call);
    call.write(client.service.writeAsk(ask({ ending })));
    call.end();
    for (const end of await Promise.all([client.ask(ask({ ending })), streamed])) {
      t.match(end, { code: ending.code, details: ending.message });
    }
  },

  'a status message with letters beyond ASCII': async (t, client) => {
    const message = '\t\nlines\r\nand 100 % of Unicode: ü, ☺ and 😈\t\n';
    const { code, details } = await client.ask(ask({ ending: { code: status.ABORTED, message } }));
    t.equal(code, status.ABORTED);
    t.equal(details, message);
  },

  'a method that nobody implements': async (t, client) => {
    t.match(await client.unary(client.service.missing, {}), { code: status.UNIMPLEMENTED });
  },

  'a service that nobody serves': async (t, client) => {
    t.match(await client.unary(client.service.unserved, {}), { code: status.UNIMPLEMENTED });
  },

  'a call that is cancelled before its first message': async (t, client, origin) => {
    const cancelled = origin.cancelled;
    const [calls, call] = [origin.calls.length, client.chat()];
    const end = collect(call);
    await eventually('the call', { within: 10_000 }, () => origin.calls.length > calls);
    call.cancel();
    t.match(await end, { code: status.CANCELLED, messages: [] });
    await eventually('its end', { within: 10_000 }, () => origin.cancelled > cancelled);
  },

  'a call that is cancelled after its first answer': async (t, client, origin) => {
    const { cancelled } = origin;
    const call = client.chat();
    const end = collect(call);
    call.once('data', () => call.cancel());
    call.write(client.service.writeAsk(ask({ size: 27_182, answers: [31_415] })));
    const { code, messages } = await end;
    t.equal(code, status.CANCELLED);
    t.same(messages.map(client.service.readAnswer), [31_415]);
    await eventually('its end', { within: 10_000 }, () => origin.cancelled > cancelled);
  },

  'a deadline that passes while the origin sleeps': async (t, client, origin) => {
    const { cancelled } = origin;
    const calls = origin.calls.length;
    const options: GrpcCallOptions = { deadline: Date.now() + 1_500 };
    const call = client.chat(options);
    const end = collect(call);
    call.write(client.service.writeAsk(ask({ size: 27_182 })));
    t.match(await end, { code: status.DEADLINE_EXCEEDED });
    t.equal(origin.calls.length, calls + 1);
    await eventually('its end', { within: 10_000 }, () => origin.cancelled > cancelled);
  },
};
