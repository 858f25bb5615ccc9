/** Envoy's outlier detection scenarios, on virtual time. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LiveCluster } from '../../src/cluster/live-cluster.ts';
import type { OutlierDetection } from '../../src/model/cluster-policy.ts';
import { ClusterFixture, endpointAt } from '../cluster/cluster-fixture.ts';
import { endpointModels, outlierDetection } from '../support/cluster-models.ts';
import { dataSet, missingData } from '../support/test-data.ts';

interface Step {
  readonly host?: number;
  readonly codes?: readonly number[];
  readonly local?: readonly [string, number];
  /** Virtual time of the responses, or of a tick. */
  readonly atMs?: number;
  readonly tickMs?: number;
  readonly ejected?: boolean;
  readonly reason?: '5xx' | 'gateway';
}

/** One moment of the backoff scenario; each begins with a tick. */
interface Moment {
  readonly s?: number;
  readonly eject?: number;
  readonly out?: boolean;
  readonly stillEjected?: boolean;
  readonly healthyTick?: boolean;
  readonly note?: string;
}

interface Scenario {
  readonly test: string;
  readonly hosts?: number;
  readonly maxEjectionPercent?: number;
  readonly consecutiveGateway?: number;
  readonly split?: boolean;
  readonly baseEjectionTimeS?: number;
  readonly steps?: readonly Step[];
  readonly timeline?: readonly Moment[];
  readonly facts?: readonly string[];
}

class Run {
  readonly fixture = new ClusterFixture();
  readonly cluster: LiveCluster;
  readonly #startedAt: number;

  constructor(scenario: Scenario) {
    const settings: Partial<OutlierDetection> = {
      maxEjectionPercent: scenario.maxEjectionPercent ?? 100,
      consecutiveGatewayErrors: scenario.consecutiveGateway ?? 0,
      splitExternalLocalOriginErrors: scenario.split ?? false,
      baseEjectionMs: (scenario.baseEjectionTimeS ?? 30) * 1000,
    };
    this.cluster = this.fixture.create({
      endpoints: endpointModels(scenario.hosts ?? 1),
      outlierDetection: outlierDetection(settings),
    });
    this.#startedAt = this.fixture.clock.now();
  }

  host(index: number) {
    return endpointAt(this.cluster, index + 1);
  }

  moveTo(ms: number): void {
    const { clock } = this.fixture;
    clock.advance(this.#startedAt + ms - clock.now());
  }

  tickAt(ms: number): void {
    this.moveTo(ms);
    this.cluster.tick(this.fixture.clock.now());
  }

  fail(): void {
    for (let count = 0; count < 5; count++) this.cluster.onResponse(this.host(0), 500);
  }

  report(kind: string): void {
    const host = this.host(0);
    if (kind === 'connect_success') this.cluster.onConnected(host);
    else if (kind === 'timeout') this.cluster.onLocalOriginFailure(host, 'timeout');
    else this.cluster.onLocalOriginFailure(host, 'connect-failure');
  }
}

const folder = dataSet('lb-vectors');
if (folder === null) {
  t.pass(missingData('lb-vectors'), { skip: missingData('lb-vectors') });
} else {
  const text = readFileSync(join(folder, 'outlier-scenarios.json'), 'utf8');
  const { scenarios } = JSON.parse(text) as { readonly scenarios: readonly Scenario[] };
  for (const scenario of scenarios) t.test(scenario.test, async (t) => check(t, scenario));
}

function check(t: Test, scenario: Scenario): void {
  if (scenario.steps !== undefined) checkSteps(t, scenario, scenario.steps);
  else if (scenario.timeline !== undefined) checkTimeline(t, scenario, scenario.timeline);
  else if (scenario.test === 'MaxEjectTime') checkLongestEjection(t, scenario);
  else if (scenario.test.startsWith('TimeoutWithHttpCode')) checkTimeouts(t, scenario);
  else t.fail(`no check for ${scenario.test}`);
}

function checkSteps(t: Test, scenario: Scenario, steps: readonly Step[]): void {
  const run = new Run(scenario);
  const { cluster } = run;
  for (const step of steps) {
    const host = run.host(step.host ?? 0);
    const before = { ...cluster.stats };
    if (step.atMs !== undefined) run.moveTo(step.atMs);
    if (step.tickMs !== undefined) run.tickAt(step.tickMs);
    for (const code of step.codes ?? []) cluster.onResponse(host, code);
    const [kind, count] = step.local ?? ['', 0];
    for (let done = 0; done < count; done++) run.report(kind);
    const name = JSON.stringify(step);
    if (step.ejected !== undefined) t.equal(host.ejected, step.ejected, name);
    const { stats } = cluster;
    const enforced5xx =
      stats.ejectionsEnforcedConsecutive5xx - before.ejectionsEnforcedConsecutive5xx;
    const enforcedGateway =
      stats.ejectionsEnforcedConsecutiveGatewayFailure -
      before.ejectionsEnforcedConsecutiveGatewayFailure;
    if (step.reason === '5xx') t.same([enforced5xx, enforcedGateway], [1, 0], name);
    if (step.reason === 'gateway') t.same([enforced5xx, enforcedGateway], [0, 1], name);
  }
}

function checkTimeline(t: Test, scenario: Scenario, timeline: readonly Moment[]): void {
  const run = new Run(scenario);
  let seconds = 0;
  for (const moment of timeline) {
    const name = JSON.stringify(moment);
    // Ticks come every ten seconds, also where the timeline says only that they are healthy ones.
    for (const end = moment.s ?? 600; seconds < end; ) {
      seconds += 10;
      run.tickAt(seconds * 1000);
    }
    if (moment.out === true || moment.healthyTick === true) t.notOk(run.host(0).ejected, name);
    if (moment.stillEjected === true) t.ok(run.host(0).ejected, name);
    if (moment.eject !== undefined) {
      run.fail();
      t.ok(run.host(0).ejected, name);
    }
  }
}

function checkLongestEjection(t: Test, scenario: Scenario): void {
  const run = new Run(scenario);
  const { cluster, fixture } = run;
  for (let ejection = 1; ejection <= 40; ejection++) {
    run.fail();
    const ejectedAt = fixture.clock.now();
    while (run.host(0).ejected) fixture.advance(cluster, 10_000);
    t.equal(fixture.clock.now() - ejectedAt, Math.min(ejection * 10_000, 300_000));
  }
}

function checkTimeouts(t: Test, scenario: Scenario): void {
  const run = new Run({ ...scenario, consecutiveGateway: 4 });
  for (let count = 0; count < 4; count++) run.report('timeout');
  t.ok(run.host(0).ejected, 'a timeout is a gateway error');
  const other = new Run(scenario);
  for (let count = 0; count < 5; count++) other.report('timeout');
  t.ok(other.host(0).ejected, 'a timeout is a 5xx');
}
