/** Both sides of a takeover in one process, with the real helpers between them. */

import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createPipe, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../../src/base/clock.ts';
import { systemTimers, type Timers } from '../../../src/base/timers.ts';
import { Handover } from '../../../src/runtime/takeover/handover.ts';
import { shareSockets } from '../../../src/runtime/takeover/inherited-sockets.ts';
import type { LentSockets } from '../../../src/runtime/takeover/offer.ts';
import { beginTakeover, type Takeover } from '../../../src/runtime/takeover/takeover.ts';
import { type HeldSocket, socketName } from '../../../src/runtime/takeover/takeover-protocol.ts';
import { LogRoot } from '../../../src/telemetry/logger.ts';
import type { AcceptedHandle } from '../../../src/transport/accept.ts';
import { ListeningSocket } from '../../../src/transport/listening-socket.ts';
import { eventually } from '../../support/deadline.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

t.setTimeout(120_000);

const address = '127.0.0.1';
const noLog = new LogRoot({ clock: systemClock, write: () => undefined }).logger('takeover');

/** Says `name` to each connection. */
async function listen(name: string, reusePort = false): Promise<ListeningSocket> {
  const opened = await ListeningSocket.open({ ...greeting(name), address, port: 0, reusePort });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function greeting(name: string) {
  return {
    onConnection: (handle: AcceptedHandle): void => {
      new Socket({ handle } as object).end(name);
    },
    onAcceptError: (): void => undefined,
  };
}

function heard(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    connect(port, address)
      .setEncoding('utf8')
      .on('data', (piece: string) => {
        text += piece;
      })
      .on('error', reject)
      .on('close', () => resolve(text));
  });
}

interface Old {
  readonly handover: Handover;
  /** Of its admin API, which has one path. */
  readonly adminPort: number;
  readonly lines: string[];
  left: boolean;
  onInvitation(folder: string): void;
  onLeave(): void;
}

async function startOld(
  t: Test,
  lend: () => LentSockets | Promise<LentSockets>,
  timers: Timers = systemTimers,
): Promise<Old> {
  const lines: string[] = [];
  const logs = new LogRoot({ clock: systemClock, write: (line) => lines.push(line) });
  const handover = new Handover({
    timers,
    log: logs.logger('takeover'),
    lend,
    leave: () => {
      old.left = true;
      old.onLeave();
    },
  });
  const admin: Server = createServer(async ({ url = '' }, response) => {
    const protocol = new URL(url, 'http://a').searchParams.get('protocol') ?? '';
    const invitation = await handover.invite(protocol);
    if (!invitation.ok) response.writeHead(409).end(invitation.error);
    else {
      old.onInvitation(invitation.value.folder);
      response.end(JSON.stringify(invitation.value));
    }
  });
  await new Promise<void>((done) => admin.listen(0, address, done));
  t.teardown(() => admin.close());
  const old: Old = {
    handover,
    adminPort: (admin.address() as AddressInfo).port,
    lines,
    left: false,
    onInvitation: () => undefined,
    onLeave: () => undefined,
  };
  return old;
}

function lentBy(...sockets: readonly ListeningSocket[]): LentSockets {
  const held = sockets.flatMap(({ port, reusePort, handles }) =>
    handles.map((handle): HeldSocket => ({ of: 'listener', address, port, reusePort, handle })),
  );
  return { sockets: held, release: () => undefined };
}

async function begin({ adminPort }: Old, concurrency = 1): Promise<Takeover> {
  const begun = await beginTakeover({ address, port: adminPort }, concurrency, systemTimers);
  if (!begun.ok) throw new Error(begun.error);
  return begun.value;
}

t.test('a socket goes on where the other process closes it', async (t) => {
  const first = await listen('old');
  const removed = await listen('removed');
  const old = await startOld(t, () => lentBy(first, removed));
  const { port } = first;
  const takeover = await begin(old);
  t.equal(takeover.pid, process.pid);
  const heir = takeover.sockets.open({ ...greeting('new'), address, port });
  if (heir === null) throw new Error('it is among those that were handed over');
  t.teardown(() => heir.close());
  t.equal(heir.port, port);
  t.same(heir.handles, [], 'it has nothing to hand over yet');
  for (let time = 0; time < 5; time++) {
    t.equal(await heard(port), 'old', 'nothing is accepted before the start');
  }
  t.equal(takeover.sockets.open({ ...greeting('new'), address, port }), null, 'it has one owner');

  t.ok((await takeover.sockets.start()).ok);
  takeover.sockets.closeRest();
  t.equal(old.left, false);
  await takeover.complete(noLog);
  t.equal(old.left, true);
  t.ok(old.handover.isTaken);
  t.match(old.lines.join(''), /another process serves from now on/);
  first.close();
  removed.close();
  for (let time = 0; time < 5; time++) t.equal(await heard(port), 'new');
  // The helpers let go of it when they end.
  await eventually('nobody has the other one', { within: 10_000 }, async () => {
    const refusal = await heard(removed.port).catch(({ code }: NodeJS.ErrnoException) => code);
    return refusal === 'ECONNREFUSED';
  });
  t.equal(heir.handles.length, 1, 'and can hand it over in its turn');
  t.match(await old.handover.invite('1'), { ok: false, error: /taking over already/ });
});

t.test('several sockets of one port become one listener', async (t) => {
  const first = await listen('first', true);
  const options = { ...greeting('second'), address, port: first.port, reusePort: true };
  const second = await ListeningSocket.open(options);
  if (!second.ok) throw new Error(second.error.message);
  const old = await startOld(t, () => lentBy(first, second.value));
  const takeover = await begin(old);
  const heir = takeover.sockets.open({ ...greeting('new'), address, port: first.port });
  t.ok((await takeover.sockets.start()).ok);
  await takeover.complete(noLog);
  first.close();
  second.value.close();
  for (let time = 0; time < 10; time++) t.equal(await heard(first.port), 'new');
  t.equal(heir?.reusePort, true, 'others may be bound beside it');
  t.equal(heir?.handles.length, 2);
  heir?.close();
});

t.test('who thinks better of it leaves the other as it was', async (t) => {
  const socket = await listen('old');
  t.teardown(() => socket.close());
  const old = await startOld(t, () => lentBy(socket));
  for (let time = 0; time < 2; time++) {
    const takeover = await eventually('an invitation', { within: 10_000 }, async () => {
      const begun = await beginTakeover({ address, port: old.adminPort }, 1, systemTimers);
      return begun.ok ? begun.value : null;
    });
    t.match(await old.handover.invite('1'), { ok: false, error: /taking over already/ });
    takeover.abandon();
    t.equal(await heard(socket.port), 'old');
  }
  t.equal(old.left, false);
  t.notOk(old.handover.isTaken);
});

t.test('who answers must be a proxy of the same user and protocol', async (t) => {
  const invitation = (folder: string): string =>
    JSON.stringify({ protocol: 1, pid: 1, version: '0.1.0', folder });
  const cases: [name: string, status: number, body: string, expected: RegExp][] = [
    ['another program', 404, 'what?', /cannot be taken over: it is no sluice, or an older one$/],
    ['a strange answer', 200, '{"protocol":1}', /it is no sluice, or an older one$/],
    ['no JSON', 200, '{', /it is no sluice, or an older one$/],
    ['too long an answer', 200, 'x'.repeat(1_000_000), /no proxy answers on/],
    ['a folder for all', 200, invitation('/tmp'), /the running proxy is of another user/],
    ['no folder', 200, invitation('/nowhere'), /ENOENT/],
    [
      'a refusal',
      409,
      'it speaks protocol 9\n',
      /^the proxy on \S+ refuses: it speaks protocol 9$/,
    ],
  ];
  for (const [name, status, body, expected] of cases) {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await new Promise<void>((done) => server.listen(0, address, done));
    const { port } = server.address() as AddressInfo;
    const begun = await beginTakeover({ address, port }, 1, systemTimers);
    server.close();
    t.match(begun, { ok: false, error: expected }, name);
  }
});

t.test('workers need sockets that can be shared', async (t) => {
  const socket = await listen('old');
  t.teardown(() => socket.close());
  const old = await startOld(t, () => lentBy(socket));
  await t.rejects(begin(old, 2), /one process, whose ports workers cannot share/);
  t.equal(await heard(socket.port), 'old');
});

t.test('sockets that cannot be had end the offer', async (t) => {
  const old = await startOld(t, async () => {
    throw new Error('a worker does not hand over its listening sockets');
  });
  await t.rejects(begin(old), /the running proxy has ended, thought better of it/);
  t.match(old.lines.join(''), /the takeover has failed.*a worker does not hand over/);
});

t.test('an invitation is for its user alone, and ends when nobody follows', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  const old = await startOld(t, () => lentBy(), timers);
  const invitation = await old.handover.invite('1');
  if (!invitation.ok) throw new Error(invitation.error);
  const { folder } = invitation.value;
  t.equal(statSync(folder).mode & 0o777, 0o700);
  timers.advance(9_999);
  t.ok(existsSync(folder));
  timers.advance(1);
  await eventually('the folder is gone', { within: 10_000 }, () => !existsSync(folder));
  const again = await old.handover.invite('1');
  t.ok(again.ok, 'and there may be another');
  timers.advance(10_000);
});

/** An old process that says `words`, and nothing further. */
async function startStalled(t: Test, words: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const heard = Promise.withResolvers<void>();
  const pipe = createPipe((socket) => {
    t.teardown(() => socket.destroy());
    socket.write(words, () => heard.resolve());
  });
  await new Promise<void>((done) => pipe.listen(join(folder, socketName), done));
  const invitation = JSON.stringify({ protocol: 1, pid: 1, version: '0.1.0', folder });
  const admin = createServer((_, response) => response.end(invitation));
  await new Promise<void>((done) => admin.listen(0, address, done));
  t.teardown(() => {
    pipe.close();
    admin.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const timers = new ManualTimers(new ManualClock());
  const begin = beginTakeover({ address, port: (admin.address() as AddressInfo).port }, 1, timers);
  return { begin, heard: heard.promise, timers };
}

t.test('an old process that offers nothing is waited for half a minute', async (t) => {
  const { begin, heard, timers } = await startStalled(t, '');
  await heard;
  await eventually('its timer', { within: 10_000 }, () => timers.size === 1);
  timers.advance(30_000);
  t.match(await begin, { ok: false, error: /does not answer/ });
});

t.test('a process serves although the old one does not say that it goes', async (t) => {
  const { begin, timers } = await startStalled(t, '{"kind":"offer","sockets":[]}\n');
  const takeover = await begin;
  if (!takeover.ok) throw new Error(takeover.error);
  const lines: string[] = [];
  const logs = new LogRoot({ clock: systemClock, write: (line) => lines.push(line) });
  const completed = takeover.value.complete(logs.logger('takeover'));
  timers.advance(9_999);
  t.same(lines, []);
  timers.advance(1);
  await completed;
  t.match(lines.join(''), /has not said that it goes.*1/);
});

t.test('a new process that is stuck makes room for another after two minutes', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  const old = await startOld(t, () => lentBy(), timers);
  const stuck = await begin(old);
  timers.advance(119_999);
  t.match(await old.handover.invite('1'), { ok: false, error: /taking over already/ });
  timers.advance(1);
  const next = await begin(old);
  t.match(await old.handover.invite('1'), { ok: false, error: /taking over already/ });
  await stuck.complete(noLog);
  t.equal(old.left, false, 'its word counts no more');
  await next.complete(noLog);
  t.equal(old.left, true);
});

t.test('a process goes although its admin API cannot be closed', async (t) => {
  const old = await startOld(t, () => lentBy());
  old.handover.admin = {
    ...{ address, port: 1, handle: () => null },
    close: () => Promise.reject(new Error('it is closed already')),
  };
  const takeover = await begin(old);
  await takeover.complete(noLog);
  t.equal(old.left, true);
  t.match(old.lines.join(''), /the takeover has failed.*it is closed already/);
});

t.test('nothing is left of an offer when the process goes', async (t) => {
  const old = await startOld(t, () => lentBy());
  const folder = await new Promise<string>((resolve) => {
    old.onInvitation = resolve;
    void begin(old).then((takeover) => takeover.complete(noLog));
  });
  const exists = await new Promise<boolean>((resolve) => {
    old.onLeave = () => resolve(existsSync(folder));
  });
  t.equal(exists, false);
});

t.test('every socket has a worker, whatever their numbers', async (t) => {
  const socketsAt = (port: number, count: number): HeldSocket[] =>
    Array.from({ length: count }, (_, fd) => ({
      ...{ of: 'listener', address, port, reusePort: true },
      handle: { fd, close: () => undefined },
    }));
  const shares = (workers: number): string[][] =>
    shareSockets([...socketsAt(80, 3), ...socketsAt(90, 3)], workers).map((share) =>
      share.map(({ port, handle }) => `${port} ${handle.fd}`),
    );
  t.same(shares(1), [['80 0', '80 1', '80 2', '90 0', '90 1', '90 2']]);
  t.same(shares(2), [
    ['80 0', '80 2', '90 0', '90 2'],
    ['80 1', '90 1'],
  ]);
  t.same(shares(4), [['80 0', '90 0'], ['80 1', '90 1'], ['80 2', '90 2'], []]);
});
