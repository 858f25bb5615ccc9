/** Plays a test of the conformance suite: its manifests in proxies of this process, its requests. */

import { randomUUID } from 'node:crypto';
import type { ResourceStatus } from '../../../src/config/conversion/resource-status.ts';
import type { ResourceSet } from '../../../src/config/resource-set.ts';
import { eventually } from '../../support/deadline.ts';
import type { ClusterKeys } from './cluster-keys.ts';
import { compare } from './compare.ts';
import { compareCondition, nameOfCondition } from './conditions.ts';
import { caseIdHeader } from './echo-answer.ts';
import type { EchoPods } from './echo-pods.ts';
import { withEndpoints } from './endpoints.ts';
import {
  type ConformanceTest,
  type ExpectedCase,
  nameOfCase,
  type Place,
  type PlacedCase,
} from './expectations.ts';
import { type ConditionFact, factsOf, placeOf, type TestFacts } from './facts.ts';
import {
  loadManifests,
  type RunningProxy,
  startGateway,
  startSidecar,
  type Teardown,
  translateAs,
} from './gateway-proxy.ts';
import {
  infraNamespace,
  type Manifest,
  meshBase,
  meshNamespace,
  readManifests,
} from './manifests.ts';
import { type Destination, outgoingOf, withCaseId } from './outgoing.ts';
import { countBackends, countMirrors, nameBackends } from './repeated.ts';
import { type Answer, type Outgoing, send } from './send.ts';

/** One request or one condition of a test. */
export interface Row {
  readonly test: string;
  readonly features: readonly string[];
  /** Empty where nothing of the test is played. */
  readonly name: string;
  /** Null where all is as expected. */
  readonly mismatch: string | null;
  /** Why it was not played; the rest says nothing then. */
  readonly notPlayed: string | null;
}

export interface Stage {
  /** Of the data set. */
  readonly folder: string;
  /** What the tests at Gateways have in common. */
  readonly base: readonly Manifest[];
  readonly pods: EchoPods;
  readonly keys: ClusterKeys;
}

export async function playTest(test: ConformanceTest, stage: Stage): Promise<Row[]> {
  const facts = factsOf(test.test);
  const row = { test: test.test, features: test.features, mismatch: null, notPlayed: null };
  if (facts.notPlayed !== undefined) {
    return [{ ...row, name: '', notPlayed: facts.notPlayed }];
  }
  const play = await TestPlay.prepare(test, facts, stage);
  try {
    const rows: Row[] = play.conditions().map((one) => ({ ...row, ...one }));
    for (const [index, each] of play.cases().entries()) {
      const name = nameOfCase(each, index);
      const notPlayed = each.at?.notPlayed ?? null;
      const mismatch = notPlayed === null ? await play.request(each) : null;
      rows.push({ ...row, name, mismatch, notPlayed });
    }
    return rows;
  } finally {
    await play.end();
  }
}

interface Checked {
  readonly name: string;
  readonly mismatch: string | null;
}

class TestPlay {
  readonly #test: ConformanceTest;
  readonly #facts: TestFacts;
  readonly #stage: Stage;
  /** Of the test alone. */
  readonly #own: readonly Manifest[];
  readonly #all: readonly Manifest[];
  readonly #resources: ResourceSet;
  readonly #statuses: readonly ResourceStatus[];
  readonly #proxies = new Map<string, Promise<RunningProxy>>();
  readonly #ends: (() => Promise<void>)[] = [];

  private constructor(
    test: ConformanceTest,
    facts: TestFacts,
    parts: { readonly stage: Stage; readonly own: Manifest[]; readonly all: Manifest[] },
  ) {
    this.#test = test;
    this.#facts = facts;
    this.#stage = parts.stage;
    this.#own = parts.own;
    this.#all = parts.all;
    this.#resources = loadManifests(parts.all);
    // Without labels of the proxy, all Gateways are served.
    this.#statuses = translateAs(this.#resources, {}).statuses;
  }

  static async prepare(test: ConformanceTest, facts: TestFacts, stage: Stage): Promise<TestPlay> {
    const { folder, base, pods, keys } = stage;
    const written = readManifests(folder, test.manifests);
    const own = facts.edit?.(written) ?? written;
    const common = isOfMesh(test) ? meshBase() : [...base, ...keys.manifests];
    const all = await withEndpoints([...common, ...own], pods, keys);
    return new TestPlay(test, facts, { stage, own, all });
  }

  async end(): Promise<void> {
    for (const end of this.#ends) await end();
  }

  conditions(): Checked[] {
    const wanted = this.#facts.conditions ?? [];
    return [...wanted, ...this.#acceptance(wanted)].map((fact) => ({
      name: nameOfCondition(fact),
      mismatch: compareCondition(fact, this.#statuses),
    }));
  }

  /** Routes of which the facts say nothing work. */
  *#acceptance(told: readonly ConditionFact[]): Iterable<ConditionFact> {
    for (const { kind, metadata, spec } of this.#own) {
      if (!kind.endsWith('Route')) continue;
      const { name, namespace = infraNamespace } = metadata;
      const of = `${kind} ${namespace}/${name}`;
      const isTold = told.some((fact) => fact.of === of || fact.of === `${kind} ${name}`);
      if (isTold) continue;
      const { parentRefs = [] } = spec as { readonly parentRefs?: readonly ParentRef[] };
      for (const parent of parentRefs) {
        // A parent in another namespace than that of the Gateways is a Service.
        const part =
          parent.kind === 'Service'
            ? `${parent.namespace ?? namespace}/${parent.name}`
            : parent.name;
        if (!this.#isThere(parent)) continue;
        yield { of, part, is: ['Accepted=True', 'ResolvedRefs=True'] };
      }
    }
  }

  #isThere({ kind = 'Gateway', name }: ParentRef): boolean {
    return this.#all.some((each) => each.kind === kind && each.metadata.name === name);
  }

  cases(): PlacedCase[] {
    const { cases, more = [], and = [], gateways } = this.#facts;
    const placed =
      cases ??
      this.#test.cases.map((each, index) => ({
        ...(isOfMesh(this.#test) ? inMesh(each) : each),
        ...and[index],
        at: placeOf(this.#facts, index),
      }));
    const all = [...placed, ...more];
    if (gateways === undefined) return all;
    return gateways.flatMap((gateway) =>
      all.map((each) => ({ ...each, at: { ...each.at, gateway } })),
    );
  }

  /** Null, or what differs. */
  async request(each: PlacedCase): Promise<string | null> {
    const tries = each.at?.tries ?? 1;
    for (let left = tries - 1; ; left--) {
      const mismatch = await this.#requestOnce(each, randomUUID());
      if (mismatch === null || left === 0) return mismatch;
    }
  }

  async #requestOnce(marked: PlacedCase, caseId: string): Promise<string | null> {
    const each = withCaseId(marked, caseId);
    let sender: Sender;
    try {
      sender = await this.#sender(each);
    } catch (error) {
      if (each.at?.fails === true) return null;
      return error instanceof Error ? error.message : String(error);
    }
    const { at = {} } = each;
    if (at.shares !== undefined) return countBackends(at.shares, sender.send);
    if (at.namesItsBackend !== undefined) return nameBackends(at.namesItsBackend, sender.send);
    const answer = await sender.send(caseId);
    return (
      compare(each, sender.outgoing, answer) ??
      this.#shown(at, answer) ??
      (await this.#mirrored(each, caseId, sender))
    );
  }

  #shown({ shows }: Place, { echo }: Answer): string | null {
    if (shows === undefined) return null;
    const pem = this.#stage.keys.pairs.get(shows)?.cert ?? '';
    const wanted = pem.replaceAll(/-----[^-]+-----|\s/g, '');
    return echo?.tls?.clientCertificate === wanted ? null : 'the backend was not shown it';
  }

  async #mirrored(each: PlacedCase, caseId: string, sender: Sender): Promise<string | null> {
    for (const { BackendRef, Percent } of each.MirroredTo ?? []) {
      const { pods } = this.#stage;
      const isThere = (id: string): boolean =>
        pods.seen.some(({ pod, caseId }) => pod === BackendRef.Name && caseId === id);
      if (typeof Percent === 'number') {
        const difference = await countMirrors(Percent, sender.send, isThere);
        if (difference !== null) return difference;
        continue;
      }
      const what = `a mirror at ${BackendRef.Name}`;
      try {
        await eventually(what, { within: 2_000 }, () => isThere(caseId));
      } catch {
        return `no ${what}`;
      }
    }
    return null;
  }

  async #sender(each: PlacedCase): Promise<Sender> {
    const target = isOfMesh(this.#test) ? this.#serviceOf(each) : this.#gatewayOf(each);
    const port = (await target.proxy).ports.get(target.port);
    if (port === undefined) throw new Error(`no listener at port ${target.port}`);
    const outgoing = outgoingOf(each, { ...target, bound: port, keys: this.#stage.keys });
    return {
      outgoing,
      send: (caseId) =>
        send({ ...outgoing, headers: { ...outgoing.headers, [caseIdHeader]: caseId } }),
    };
  }

  #serviceOf({ Request = {}, at = {} }: PlacedCase): Target {
    const [, port = '80'] = /:(\d+)$/.exec(Request.Host ?? '') ?? [];
    const namespace = at.namespace ?? meshNamespace;
    const ports = [80, 8080, 7070];
    const proxy = this.#once(namespace, (end) =>
      startSidecar(end, this.#resources, { namespace, ports }),
    );
    return { proxy, port: Number(port), speaksTls: false };
  }

  #gatewayOf({ at = {} }: PlacedCase): Target {
    const name = at.gateway ?? this.#onlyGateway();
    const gateway = this.#all.find(
      ({ kind, metadata }) => kind === 'Gateway' && metadata.name === name,
    );
    const { listeners = [] } = (gateway?.spec ?? {}) as { readonly listeners?: GatewayListener[] };
    const port = at.port ?? Math.min(...listeners.map((listener) => listener.port));
    const protocols = listeners.flatMap((each) => (each.port === port ? each.protocol : []));
    const speaksTls = protocols.some((protocol) => protocol === 'HTTPS' || protocol === 'TLS');
    const { without } = at;
    const proxy = this.#once(`${name} without ${without}`, (end) =>
      startGateway(end, this.#without(without), { namespace: infraNamespace, name }),
    );
    return { proxy, port, speaksTls };
  }

  #without(kind: string | undefined): ResourceSet {
    if (kind === undefined) return this.#resources;
    return loadManifests(this.#all.filter((manifest) => manifest.kind !== kind));
  }

  #onlyGateway(): string {
    const names = this.#own.flatMap(({ kind, spec }) => {
      if (!kind.endsWith('Route')) return [];
      const { parentRefs = [] } = spec as { readonly parentRefs?: readonly ParentRef[] };
      return parentRefs.map(({ name }) => name);
    });
    const [name = '', ...others] = new Set(names);
    if (others.length > 0) throw new Error(`the facts do not say which of ${names.join()}`);
    return name;
  }

  #once(key: string, start: (end: Teardown) => Promise<RunningProxy>): Promise<RunningProxy> {
    let proxy = this.#proxies.get(key);
    if (proxy === undefined) {
      proxy = start({ teardown: (end) => this.#ends.push(end) });
      this.#proxies.set(key, proxy);
    }
    return proxy;
  }
}

interface ParentRef {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

interface GatewayListener {
  readonly port: number;
  readonly protocol: string;
}

interface Target extends Pick<Destination, 'port' | 'speaksTls'> {
  readonly proxy: Promise<RunningProxy>;
}

interface Sender {
  readonly outgoing: Outgoing;
  readonly send: (caseId: string) => Promise<Answer>;
}

/** Requests go to the Service `echo` where they name no other; all pods are of one namespace. */
function inMesh(each: ExpectedCase): ExpectedCase {
  const { Request = {} } = each;
  return { ...each, Request: { Host: 'echo', ...Request }, Namespace: meshNamespace };
}

function isOfMesh({ manifests }: ConformanceTest): boolean {
  return manifests.some((file) => file.startsWith('tests/mesh/'));
}
