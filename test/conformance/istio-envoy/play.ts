/** Plays one scenario against the real command and returns what happened, request by request. */

import { randomUUID } from 'node:crypto';
import { pause } from '../../support/deadline.ts';
import { freePorts } from '../../support/free-port.ts';
import { type RecordedConnection, type RecordedRequest, Recorder } from '../../support/recorder.ts';
import { RecordingBackend } from '../../support/recording-backend.ts';
import { SluiceProcess } from '../../support/sluice-process.ts';
import { readAccessLog } from './access-log.ts';
import { LoggedLines } from './compare-access-log.ts';
import { readStats, type Stats } from './compare-stats.ts';
import { fillStrings } from './placeholders.ts';
import { type Manifest, type Ports, type ProxyConfig, writeProxyConfig } from './proxy-config.ts';
import {
  type Counts,
  type RecordedLog,
  type RequestSpec,
  type Scenario,
  unsupportedRequest,
} from './scenario.ts';
import { type ClientResult, sendRequest } from './send-request.ts';
import { type KeyPair, readTestKeys, type TestKeys } from './test-keys.ts';

/** Milliseconds. */
const closingMs = 1000;

/** What came of one request of the scenario (of all its repetitions). */
export interface Played {
  readonly index: number;
  readonly request: RequestSpec;
  /** Why it was not sent; the rest is empty then. */
  readonly skipped: string | null;
  readonly results: readonly ClientResult[];
  /** By case id, what had reached the backends when the request was over. */
  readonly upstream: ReadonlyMap<string, readonly RecordedRequest[]>;
  readonly connections: Counts;
  /** Connections without HTTP that reached backends meanwhile. */
  readonly seen: readonly RecordedConnection[];
  /** What the proxy has counted, where the request is to read that; null elsewhere. */
  readonly stats: Stats | null;
  /** What it has written to standard output meanwhile, where the scenario is about that. */
  readonly logged: readonly string[];
}

export interface PlayedScenario {
  readonly played: readonly Played[];
  readonly ports: Ports;
  readonly logs: ReadonlyMap<string, RecordedLog>;
  readonly documents: readonly Manifest[];
  readonly refusal: { readonly refused: boolean; readonly detail: string } | null;
  /** Why the proxy did not start, or null. */
  readonly startError: string | null;
}

/** Starts what is played against; sluice, unless the recorder itself is to be checked. */
export type StartProxy = (
  config: ProxyConfig,
  on: { readonly scenario: Scenario; readonly ports: Ports },
) => Promise<StartedProxy>;

export interface StartedProxy {
  stop(ms: number): Promise<unknown>;
  /** A GET of its admin API. */
  admin(path: string): Promise<{ readonly body: string }>;
  /** All that it has written there. */
  readonly stdout: string;
}

export async function playScenario(
  scenario: Scenario,
  startProxy: StartProxy = ({ args }) => SluiceProcess.start(args),
): Promise<PlayedScenario> {
  for (let left = startsAtMost - 1; ; left--) {
    const run = await playOnce(scenario, startProxy);
    if (left === 0 || run.startError?.includes('the port is in use') !== true) return run;
  }
}

/** A port that was free may be somebody else's by the time that the proxy opens it. */
const startsAtMost = 3;

async function playOnce(scenario: Scenario, startProxy: StartProxy): Promise<PlayedScenario> {
  const recorder = new Recorder();
  const backends: RecordingBackend[] = [];
  const keys = readTestKeys();
  const certificate = backendCertificate(keys);
  try {
    for (const spec of scenario.backends) {
      backends.push(await RecordingBackend.start({ ...spec, certificate }, recorder));
    }
    const ports: Ports = {
      backends: new Map(backends.map(({ name, port }) => [name, port])),
      ...(await proxyPorts(scenario)),
      keys,
    };
    return await playWith(scenario, ports, { recorder, backends, startProxy });
  } finally {
    await Promise.all(backends.map((backend) => backend.stop()));
  }
}

/** With its authority, as the backends of the recording showed it. */
function backendCertificate({ pairs }: TestKeys): KeyPair | null {
  const { 'server-other': own, 'test-ca': authority } = pairs;
  if (own === undefined || authority === undefined) return null;
  return { cert: `${own.cert}${authority.cert}`, key: own.key };
}

interface Stage {
  readonly recorder: Recorder;
  readonly backends: readonly RecordingBackend[];
  readonly startProxy: StartProxy;
}

async function playWith(scenario: Scenario, ports: Ports, stage: Stage): Promise<PlayedScenario> {
  const config = await writeProxyConfig(scenario, ports);
  const { documents, refusal } = config;
  try {
    let proxy: StartedProxy;
    try {
      proxy = await stage.startProxy(config, { scenario, ports });
    } catch (error) {
      const startError = error instanceof Error ? error.message : String(error);
      return { played: [], ports, logs: new Map(), documents, refusal, startError };
    }
    const played: Played[] = [];
    const lines = scenario.access_log === true ? new LoggedLines(() => proxy.stdout) : null;
    try {
      for (const [index, request] of scenario.requests.entries()) {
        played.push(await playRequest({ scenario, request, index, ports, stage, proxy, lines }));
      }
    } finally {
      // The log is complete when the process has ended.
      await proxy.stop(4000);
    }
    const cases = played.flatMap(({ results }) => results);
    const logs = readAccessLog(config.accessLog, cases);
    return { played, ports, logs, documents, refusal, startError: null };
  } finally {
    config.folder.remove();
  }
}

async function proxyPorts({ listeners }: Scenario): Promise<Omit<Ports, 'backends' | 'keys'>> {
  const [spare = 0, ...ports] = await freePorts(listeners.length + 1);
  return { spare, listeners: new Map(listeners.map((logical, i) => [logical, ports[i] ?? 0])) };
}

interface Turn {
  readonly scenario: Scenario;
  readonly request: RequestSpec;
  readonly index: number;
  readonly ports: Ports;
  readonly stage: Stage;
  readonly proxy: StartedProxy;
  readonly lines: LoggedLines | null;
}

async function playRequest(turn: Turn): Promise<Played> {
  const { request, index, stage } = turn;
  const skipped = unsupportedRequest(request);
  const none = { results: [], upstream: new Map(), connections: {}, seen: [] };
  const nothing = { index, request, ...none, stats: null, logged: [] };
  if (skipped !== null) return { ...nothing, skipped };
  if (request.wait_ms !== undefined) await pause(request.wait_ms);
  if (request.stats !== undefined) {
    // Connections that were told to end have ended by then, as when it was recorded.
    await pause(closingMs);
    const { body } = await turn.proxy.admin('/stats?format=json');
    return { ...nothing, skipped: null, stats: readStats(body) };
  }
  const before = stage.recorder.connections.length;
  const sent = sendAll(turn);
  if (request.background === true) {
    // Its outcome is of no interest; a failure shows in the requests after it.
    sent.catch(() => undefined);
    await pause((request.stagger_ms ?? 0) * (request.repeat ?? 1));
    return { ...nothing, skipped: null };
  }
  const results = await sent;
  if (request.settle_ms !== undefined) await pause(request.settle_ms);
  const upstream = new Map(
    results.map(({ caseId }) => [caseId, stage.recorder.ofCase(caseId)] as const),
  );
  const connections: Record<string, number> = {};
  for (const { name, accepted } of stage.backends) {
    if (accepted > 0) connections[name] = accepted;
  }
  const seen = stage.recorder.connections.slice(before);
  const logged = (await turn.lines?.take(request.outcome?.access_log?.length ?? 0)) ?? [];
  return { ...nothing, skipped: null, results, upstream, connections, seen, logged };
}

async function sendAll(turn: Turn): Promise<ClientResult[]> {
  const { request } = turn;
  const count = request.repeat ?? 1;
  const together = request.parallel === true || request.background === true;
  const pending: Promise<ClientResult>[] = [];
  const results: ClientResult[] = [];
  for (let i = 0; i < count; i++) {
    if (!together) {
      if (i > 0 && request.gap_ms !== undefined) await pause(request.gap_ms);
      results.push(await sendOne(turn));
      continue;
    }
    if (i > 0 && request.stagger_ms !== undefined) await pause(request.stagger_ms);
    pending.push(sendOne(turn));
  }
  return together ? Promise.all(pending) : results;
}

function sendOne({ scenario, request, ports }: Turn): Promise<ClientResult> {
  const logical = request.listener ?? scenario.listeners[0] ?? 80;
  const port = ports.listeners.get(logical) ?? logical;
  const filled = fillStrings({ ...request, outcome: {} }, ports);
  const { keys } = ports;
  return sendRequest({ scenario, request: filled, caseId: randomUUID(), port, keys });
}
