/** Attacks by HTTP/1.1: heads, bodies, and requests that are more or larger than anyone needs. */

import type { OwnAttack } from './attack.ts';
import { many, write } from './connection-attacks.ts';
import { attackedPath, authority, largePath, slowMs, slowPath } from './setup.ts';

const host = `host: ${authority}\r\n`;
const chunkedHead = `POST ${attackedPath} HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\n`;

/** A byte at a time. */
const slowHead = Buffer.from(`GET ${attackedPath} HTTP/1.1\r\n${host}x-slow: ${'a'.repeat(4096)}`);

export const http1Attacks: readonly OwnAttack[] = [
  {
    kind: 'own',
    name: 'bytewise-heads',
    note: '1,000 connections, each with 10 bytes of a head a second, one at a time',
    port: 'plain',
    behave: () => {
      const sent = new WeakMap<object, number>();
      return {
        ...many(1000, 1000),
        ticksPerSecond: 10,
        onOpen: (socket) => write(socket, slowHead.subarray(0, 1)),
        onTick: (socket) => {
          const at = (sent.get(socket) ?? 0) + 1;
          sent.set(socket, at);
          return write(socket, slowHead.subarray(at, at + 1));
        },
      };
    },
  },
  {
    kind: 'own',
    name: 'unread-responses',
    note: '500 connections, 200/s, that ask for 512 KiB and never read',
    port: 'plain',
    behave: () => ({
      ...many(500, 200),
      isDeaf: true,
      onOpen: (socket) => {
        socket.pause();
        return write(socket, `GET ${largePath} HTTP/1.1\r\n${host}\r\n`);
      },
    }),
  },
  {
    kind: 'own',
    name: 'large-heads',
    note: '200 connections/s with a head of 256 KiB',
    port: 'plain',
    behave: () => {
      const head = Buffer.from(
        `GET ${attackedPath} HTTP/1.1\r\n${host}x-large: ${'a'.repeat(256 * 1024)}`,
      );
      return { ...many(500, 200), onOpen: (socket) => write(socket, head) };
    },
  },
  {
    kind: 'own',
    name: 'many-headers',
    note: '500 connections/s with a head of 10,000 lines',
    port: 'plain',
    behave: () => {
      const lines = Array.from({ length: 10_000 }, (_, i) => `x-${i}: a\r\n`).join('');
      const head = Buffer.from(`GET ${attackedPath} HTTP/1.1\r\n${host}${lines}\r\n`);
      return { ...many(500, 500), onOpen: (socket) => write(socket, head) };
    },
  },
  {
    kind: 'own',
    name: 'bad-chunks',
    note: '500 connections/s with chunks of 2^64 bytes, without a size, or with 64 KiB of extension',
    port: 'plain',
    behave: () => {
      const chunks = ['fffffffffffffffff\r\n', 'zz\r\n', '-1\r\n', `1;${'e'.repeat(65_536)}`];
      const all = chunks.map((chunk) => Buffer.from(chunkedHead + chunk));
      let next = 0;
      return {
        ...many(500, 500),
        onOpen: (socket) => write(socket, all[next++ % all.length] as Buffer),
      };
    },
  },
  {
    kind: 'own',
    name: 'tiny-chunks',
    note: '20 connections, each with 2,000 chunks of one byte 50 times a second',
    port: 'plain',
    behave: () => {
      const chunks = Buffer.from('1\r\na\r\n'.repeat(2000));
      return {
        ...many(20, 100),
        ticksPerSecond: 50,
        onOpen: (socket) => write(socket, chunkedHead),
        onTick: (socket) => 2000 * write(socket, chunks),
      };
    },
  },
  {
    kind: 'own',
    name: 'pipelining',
    note: '20 connections, each with 1,000 requests at once, again and again',
    port: 'plain',
    behave: () => {
      const requests = Buffer.from(`GET /refused HTTP/1.1\r\n${host}\r\n`.repeat(1000));
      return {
        ...many(20, 100),
        ticksPerSecond: 1,
        onOpen: (socket) => 1000 * write(socket, requests),
        onTick: (socket) => 1000 * write(socket, requests),
      };
    },
  },
  {
    kind: 'own',
    name: 'aborted-requests',
    note: `300 requests/s, answered after ${slowMs} ms, whose clients leave after 20 ms`,
    port: 'plain',
    behave: () => ({
      ...many(1000, 300),
      onOpen: (socket) => {
        setTimeout(() => socket.resetAndDestroy(), 20);
        return write(socket, `GET ${slowPath} HTTP/1.1\r\n${host}\r\n`);
      },
    }),
  },
  {
    kind: 'own',
    name: 'silent-websockets',
    note: '2,000 connections, 500/s, upgraded to WebSockets that never speak',
    port: 'plain',
    behave: () => ({
      ...many(2000, 500),
      onOpen: (socket) =>
        write(
          socket,
          `GET ${attackedPath} HTTP/1.1\r\n${host}connection: upgrade\r\nupgrade: websocket\r\n` +
            'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
        ),
    }),
  },
  {
    kind: 'own',
    name: 'regex-paths',
    note: '20 connections, each with 5 paths of 16 KiB a second, against four routes with regexes',
    port: 'plain',
    behave: () => {
      const paths = [`/${'a'.repeat(16_000)}`, `/${'a/'.repeat(8000)}`, `/${'ab'.repeat(8000)}`];
      const all = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${host}\r\n`));
      let next = 0;
      return {
        ...many(20, 100),
        ticksPerSecond: 5,
        onOpen: () => 0,
        onTick: (socket) => write(socket, all[next++ % all.length] as Buffer),
      };
    },
  },
];
