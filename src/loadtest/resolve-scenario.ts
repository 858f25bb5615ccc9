/** Fills in the defaults of a scenario, and checks what its schema cannot. */

import { resolve } from 'node:path';
import type { Path, Problems } from '../config/problem.ts';
import { refuse } from './bad-value.ts';
import { milliseconds } from './milliseconds.ts';
import { resolveAssertion } from './resolve-assertion.ts';
import { resolveUpstream } from './resolve-upstream.ts';
import {
  type Change,
  type Load,
  loadDurationMs,
  type Phase,
  type RequestKind,
  type Scenario,
  type Target,
} from './scenario.ts';
import type { LoadtestFile } from './schema.ts';
import { compileTemplate } from './template.ts';

/** Requests of one run, each of which is remembered with 33 bytes. */
const maxRequests = 20_000_000;

export interface ResolveOptions {
  readonly folder: string;
  readonly short: boolean;
}

/** What is no use is told to `problems`; the scenario is for use only without any. */
export function resolveScenario(
  file: LoadtestFile,
  { folder, short }: ResolveOptions,
  problems: Problems,
): Scenario {
  const { short: shortened = {}, ...whole } = file;
  if (short && file.short === undefined) {
    const hint = 'leave --short out, or add "short:" with fields for it';
    refuse({ problems, path: [] }, 'the scenario has no short form', hint);
  }
  const fields = short ? { ...whole, ...shortened } : whole;
  /** Where a field stands that `short` may have. */
  const place = (name: keyof typeof shortened): Path =>
    short && name in shortened ? ['short', name] : [name];
  const resolver = new Resolver(folder, problems);
  const target = resolver.target(file.target);
  const load = resolver.load(fields.load, place('load'));
  const requests = fields.requests ?? [{}];
  const kinds = requests.map((request, index) =>
    resolver.request(request, [...place('requests'), index]),
  );
  const upstreams = (fields.upstreams ?? []).map((upstream, index) =>
    resolveUpstream(upstream, [...place('upstreams'), index], problems),
  );
  for (const [index, { workload }] of upstreams.entries()) {
    if (upstreams.findIndex((upstream) => upstream.workload === workload) === index) continue;
    const path = [...place('upstreams'), index, 'workload'];
    refuse({ problems, path }, `"${workload}" is there already`, 'set "endpoints" of one of them');
  }
  const changes = resolver.changes(fields.changes ?? [], target, place('changes'));
  const hasRoutes = file.routeHeader !== undefined;
  const hasChanges = changes.length > 0;
  const known = { requests: kinds, upstreams, target, hasRoutes, load, hasChanges };
  const assertions = (fields.assertions ?? []).map((assertion, index) =>
    resolveAssertion(assertion, { path: [...place('assertions'), index], problems, ...known }),
  );
  const { description = '', protocol = 'http1', seed = null, routeHeader } = file;
  const isClosed = load.phases.some(({ kind }) => kind === 'closed');
  if (protocol === 'h2' && isClosed) {
    refuse(
      { problems, path: place('load') },
      'closed load is HTTP/1.1 alone',
      'use "constant" or "poisson"',
    );
  }
  return {
    ...{ description, folder, target, protocol, seed, load, upstreams, changes, assertions },
    tls: resolver.tls(file.tls),
    routeHeader: routeHeader?.toLowerCase() ?? null,
    requests: kinds,
  };
}

class Resolver {
  readonly #folder: string;
  readonly #problems: Problems;

  constructor(folder: string, problems: Problems) {
    this.#folder = folder;
    this.#problems = problems;
  }

  target(target: LoadtestFile['target']): Target {
    const { config, address, admin = null, gatewayPort = 80, servicePort, labels } = target;
    if (address !== undefined) {
      const isAddress = /^(\[[^\]]+\]|[^:\s]+):\d+$/.test(address);
      if (!isAddress)
        refuse(
          { problems: this.#problems, path: ['target', 'address'] },
          'an address is HOST:PORT',
        );
      return { kind: 'running', address, admin };
    }
    if (config === undefined || config.length === 0) {
      const hint = 'name a folder in "config", or a proxy that runs in "address"';
      refuse(
        { problems: this.#problems, path: ['target'] },
        'it is not said what is under load',
        hint,
      );
    }
    const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
    return {
      kind: 'started',
      config: (config ?? []).map((path) => resolve(this.#folder, path)),
      listener:
        servicePort === undefined
          ? { kind: 'gateway', port: gatewayPort }
          : { kind: 'mesh', port: servicePort },
      labels: pairs.length === 0 ? null : pairs.join(','),
      locality: target.locality ?? null,
    };
  }

  tls(tls: LoadtestFile['tls']): Scenario['tls'] {
    if (tls === undefined) return null;
    const { serverName = null, ca, insecure = false } = tls;
    return { serverName, ca: ca === undefined ? null : resolve(this.#folder, ca), insecure };
  }

  load(load: LoadtestFile['load'], path: Path): Load {
    const { warmUp = '0s', connections = 100, timeout = '10s' } = load;
    const resolved: Load = {
      phases: load.phases.flatMap((phase, index) =>
        this.#phases(phase, [...path, 'phases', index]),
      ),
      warmUpMs: milliseconds(warmUp),
      connections,
      timeoutMs: milliseconds(timeout),
    };
    this.#checkPhases(resolved, path);
    return resolved;
  }

  #checkPhases(load: Load, path: Path): void {
    if (!(loadDurationMs(load) > 0)) {
      refuse({ problems: this.#problems, path: [...path, 'phases'] }, 'the load has no duration');
    }
    if (!(load.timeoutMs > 0)) {
      refuse(
        { problems: this.#problems, path: [...path, 'timeout'] },
        'a timeout is longer than 0',
      );
    }
    const requests = load.phases.reduce(
      (sum, phase) =>
        sum + (phase.kind === 'open' ? ((phase.from + phase.to) / 2000) * phase.durationMs : 0),
      0,
    );
    if (requests > maxRequests) {
      const message = `${Math.round(requests)} requests are more than ${maxRequests}`;
      refuse(
        { problems: this.#problems, path: [...path, 'phases'] },
        message,
        'lower the rate or the duration',
      );
    }
    if (load.warmUpMs > 0 && load.phases[0]?.kind === 'closed') {
      const hint = 'begin with a phase of open load';
      refuse(
        { problems: this.#problems, path: [...path, 'warmUp'] },
        'closed load has no warm-up',
        hint,
      );
    }
  }

  #phases(phase: LoadtestFile['load']['phases'][number], path: Path): readonly Phase[] {
    const durationMs = milliseconds(phase.duration);
    const open = (from: number, to: number, poisson = false): Phase => ({
      ...{ kind: 'open', durationMs, from, to, poisson },
    });
    if (phase.constant !== undefined) return [open(phase.constant, phase.constant)];
    if (phase.poisson !== undefined) return [open(phase.poisson, phase.poisson, true)];
    if (phase.ramp !== undefined) return [open(phase.ramp.from, phase.ramp.to)];
    if (phase.steps !== undefined) return phase.steps.map((rate) => open(rate, rate));
    if (phase.closed !== undefined) {
      return [{ kind: 'closed', durationMs, connections: phase.closed }];
    }
    const hint = 'one of constant, poisson, ramp, steps, closed';
    refuse({ problems: this.#problems, path }, 'the phase does not say its load', hint);
    return [];
  }

  request(request: NonNullable<LoadtestFile['requests']>[number], path: Path): RequestKind {
    const { method = 'GET', host = '', path: target = '/', headers = {}, body } = request;
    const { weight = 1, name = `${method} ${target}`, keys } = request;
    const resolved: RequestKind = {
      ...{ fieldPath: path, name, weight, method, host, path: target },
      headers: Object.entries(headers),
      body: body ?? null,
      keys: keys === undefined ? null : { prefix: 'key-', zipf: 0, ...keys },
    };
    const templates: readonly (readonly [field: string, text: string])[] = [
      ['host', host],
      ['path', target],
      ['body', body ?? ''],
      ...resolved.headers.map(([, value]) => ['headers', value] as const),
    ];
    for (const [field, text] of templates) {
      const compiled = compileTemplate(text, keys !== undefined);
      if (!compiled.ok)
        refuse({ problems: this.#problems, path: [...path, field] }, compiled.error);
    }
    if (!target.startsWith('/')) {
      refuse({ problems: this.#problems, path: [...path, 'path'] }, 'a path begins with "/"');
    }
    return resolved;
  }

  changes(
    changes: NonNullable<LoadtestFile['changes']>,
    target: Target,
    path: Path,
  ): readonly Change[] {
    if (changes.length > 0 && target.kind === 'running') {
      refuse(
        { problems: this.#problems, path },
        'only the files of a proxy that is started here are changed',
      );
    }
    for (const [index, { every }] of changes.entries()) {
      if (every === undefined || milliseconds(every) > 0) continue;
      const place = { problems: this.#problems, path: [...path, index, 'every'] };
      refuse(place, 'a change cannot come again after no time');
    }
    return changes.map((change) => ({
      atMs: milliseconds(change.at),
      everyMs: change.every === undefined ? null : milliseconds(change.every),
      file: change.file,
      with: change.with.map((file) => resolve(this.#folder, file)),
    }));
  }
}
