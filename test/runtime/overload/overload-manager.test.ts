import t, { type Test } from 'tap';
import type { ProcessUsage } from '../../../src/base/process-usage.ts';
import { defaultOverload, type OverloadSettings } from '../../../src/model/overload-settings.ts';
import { OverloadState } from '../../../src/proxy/overload/overload-state.ts';
import { OverloadManager } from '../../../src/runtime/overload/overload-manager.ts';
import { restingSamples } from '../../../src/runtime/overload/overload-stats.ts';
import { LogRoot } from '../../../src/telemetry/logger.ts';
import type { Sample } from '../../../src/telemetry/metrics/sample.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

/** A manager of a process that uses what the test says. */
class Rig {
  readonly state = new OverloadState();
  readonly used = {
    heap: 0,
    live: null as number | null,
    resident: 0,
    delay: 0,
    descriptors: 0 as number | null,
  };
  readonly lines: string[] = [];
  readonly manager: OverloadManager;
  /** What listeners were told last. */
  accepts: boolean | null = null;
  watches = 0;
  readonly #timers: ManualTimers;

  constructor(settings: Partial<OverloadSettings>) {
    const clock = new ManualClock(0, Date.UTC(2026, 0, 1));
    this.#timers = new ManualTimers(clock);
    const logs = new LogRoot({ clock, write: (line) => this.lines.push(line.slice(25).trim()) });
    this.manager = new OverloadManager({
      state: this.state,
      timers: this.#timers,
      log: logs.logger('overload'),
      usage: this.#usage(),
      watches: {
        watchEventLoop: () => {
          this.watches++;
          return { takeMedian: () => this.used.delay, stop: () => this.watches-- };
        },
        watchLiveHeap: () => ({ bytes: () => this.used.live, stop: () => undefined }),
      },
      setAccepting: (accepts) => {
        this.accepts = accepts;
      },
    });
    this.follow(settings);
  }

  follow(settings: Partial<OverloadSettings>): void {
    this.manager.follow({ refreshIntervalMs: 250, monitors: [], actions: [], ...settings });
  }

  advance(ms: number): void {
    this.#timers.advance(ms);
  }

  stat(name: string): number | undefined {
    return [...this.manager.samples()].find((each) => each.name === `overload.${name}`)?.value;
  }

  #usage(): ProcessUsage {
    return {
      heapBytes: () => this.used.heap,
      heapLimitBytes: () => 100,
      residentBytes: () => this.used.resident,
      memoryLimitBytes: () => 1000,
      openDescriptors: () => this.used.descriptors,
      descriptorLimit: () => 100,
    };
  }
}

const shedByHeap: Partial<OverloadSettings> = {
  monitors: [{ resource: 'fixedHeap', max: null }],
  actions: [
    {
      name: 'stopAcceptingRequests',
      triggers: [{ kind: 'threshold', resource: 'fixedHeap', value: 0.95 }],
    },
  ],
};

t.test('an action begins with its threshold, and ends a second behind it', async (t) => {
  const rig = new Rig(shedByHeap);
  rig.used.heap = 94.9;
  rig.advance(250);
  t.equal(rig.state.stopAcceptingRequests, 0);
  rig.used.heap = 95;
  rig.advance(250);
  t.equal(rig.state.stopAcceptingRequests, 1);
  rig.used.heap = 10;
  rig.advance(750);
  t.equal(rig.state.stopAcceptingRequests, 1, 'it outlasts its cause');
  rig.advance(250);
  t.equal(rig.state.stopAcceptingRequests, 0);
  const action = 'action=envoy.overload_actions.stop_accepting_requests';
  t.same(rig.lines, [
    `warning [overload] overload action begins ${action} resource=envoy.resource_monitors.fixed_heap pressure=95%`,
    `info [overload] overload action ends ${action}`,
  ]);
});

t.test('pressure around a threshold does not make it flap', async (t) => {
  const rig = new Rig(shedByHeap);
  for (let i = 0; i < 40; i++) {
    rig.used.heap = i % 4 === 0 ? 96 : 90;
    rig.advance(250);
    t.equal(rig.state.stopAcceptingRequests, 1);
  }
  t.equal(rig.lines.length, 1);
});

t.test('a scaled trigger hits a part of the requests', async (t) => {
  const rig = new Rig({
    monitors: [{ resource: 'eventLoopDelay', max: 100 }],
    actions: [
      {
        name: 'stopAcceptingRequests',
        triggers: [{ kind: 'scaled', resource: 'eventLoopDelay', scaling: 0.5, saturation: 1 }],
      },
    ],
  });
  for (const [delay, share] of [
    [50, 0],
    [60, 0.2],
    [75, 0.5],
    [100, 1],
    [900, 1],
  ] as const) {
    rig.used.delay = delay;
    rig.advance(250);
    t.ok(Math.abs(rig.state.stopAcceptingRequests - share) < 1e-9, `${delay} ms`);
  }
  t.equal(rig.stat('sluice.resource_monitors.event_loop_delay.pressure'), 900);
  t.equal(rig.stat('envoy.overload_actions.stop_accepting_requests.scale_percent'), 100);
  t.equal(rig.stat('envoy.overload_actions.stop_accepting_requests.active'), 1);
});

t.test('a scaled trigger lets go by degrees', async (t) => {
  const shares: number[] = [];
  const rig = new Rig({
    monitors: [{ resource: 'eventLoopDelay', max: 100 }],
    actions: [
      {
        name: 'stopAcceptingRequests',
        triggers: [{ kind: 'scaled', resource: 'eventLoopDelay', scaling: 0.5, saturation: 1 }],
      },
    ],
  });
  rig.used.delay = 100;
  rig.advance(250);
  for (const delay of [80, 0, 0, 85]) {
    rig.used.delay = delay;
    rig.advance(250);
    shares.push(Math.round(rig.state.stopAcceptingRequests * 1000));
  }
  t.same(shares, [800, 640, 512, 700]);
  const name = 'envoy.overload_actions.stop_accepting_requests';
  t.equal(rig.stat(`${name}.scale_percent`), 70);
  t.equal(rig.stat(`${name}.active`), 0, 'as in Envoy: it does not hit all');
  rig.used.delay = 0;
  rig.advance(5_000);
  t.equal(rig.state.stopAcceptingRequests, 0, 'the last few are no action');
  t.equal(rig.lines.length, 2);
});

t.test('each action does its own', async (t) => {
  const at = (value: number) => [{ kind: 'threshold', resource: 'residentMemory', value }] as const;
  const rig = new Rig({
    monitors: [{ resource: 'residentMemory', max: null }],
    actions: [
      { name: 'disableHttpKeepalive', triggers: at(0.7) },
      { name: 'stopAcceptingRequests', triggers: at(0.8) },
      { name: 'stopAcceptingConnections', triggers: at(0.9) },
      { name: 'rejectIncomingConnections', triggers: at(1) },
    ],
  });
  const seen = (): readonly unknown[] => {
    const { state } = rig;
    const { disableHttpKeepalive, stopAcceptingRequests, rejectIncomingConnections } = state;
    return [disableHttpKeepalive, stopAcceptingRequests, rig.accepts, rejectIncomingConnections];
  };
  t.same(seen(), [false, 0, true, 0]);
  rig.used.resident = 700;
  rig.advance(250);
  t.same(seen(), [true, 0, true, 0]);
  rig.used.resident = 800;
  rig.advance(250);
  t.same(seen(), [true, 1, true, 0]);
  rig.used.resident = 900;
  rig.advance(250);
  t.same(seen(), [true, 1, false, 0]);
  rig.used.resident = 1000;
  rig.advance(250);
  t.same(seen(), [true, 1, false, 1]);
  rig.used.resident = 0;
  rig.advance(1000);
  t.same(seen(), [false, 0, true, 0]);
});

t.test('limits for each new connection', async (t) => {
  const rig = new Rig({
    monitors: [
      { resource: 'downstreamConnections', max: 20 },
      { resource: 'fileDescriptors', max: null },
    ],
    actions: [
      {
        name: 'rejectIncomingConnections',
        triggers: [{ kind: 'threshold', resource: 'fileDescriptors', value: 0.9 }],
      },
    ],
  });
  t.equal(rig.state.maxConnections, 20);
  t.equal(rig.state.descriptorLimit, 90);
  rig.state.openConnections = 5;
  rig.advance(250);
  const name = 'envoy.resource_monitors.global_downstream_max_connections.pressure';
  t.equal(rig.stat(name), 25);
  rig.follow({});
  t.equal(rig.state.maxConnections, Number.POSITIVE_INFINITY);
  t.equal(rig.state.descriptorLimit, Number.POSITIVE_INFINITY);
});

t.test('what cannot be measured triggers nothing', async (t) => {
  const settings: Partial<OverloadSettings> = {
    monitors: [{ resource: 'fileDescriptors', max: null }],
    actions: [
      {
        name: 'rejectIncomingConnections',
        triggers: [{ kind: 'threshold', resource: 'fileDescriptors', value: 0.9 }],
      },
    ],
  };
  const rig = new Rig(settings);
  rig.used.descriptors = null;
  rig.advance(500);
  t.equal(rig.stat('sluice.resource_monitors.file_descriptors.failed_updates'), 2);
  rig.follow({});
  rig.follow(settings);
  t.equal(rig.stat('sluice.resource_monitors.file_descriptors.pressure'), undefined);
  t.equal(rig.state.rejectIncomingConnections, 0);
});

t.test('new settings hold at once, and the same ones change nothing', async (t) => {
  const delayed = { monitors: [{ resource: 'eventLoopDelay', max: 10 }] } as const;
  const rig = new Rig(shedByHeap);
  rig.used.heap = 99;
  rig.advance(250);
  rig.follow(shedByHeap);
  t.equal(rig.state.stopAcceptingRequests, 1);
  rig.follow({ ...shedByHeap, actions: [] });
  t.equal(rig.state.stopAcceptingRequests, 0);
  t.match(rig.lines.at(-1), /overload action ends .*stop_accepting_requests/);
  rig.follow(delayed);
  rig.follow({ ...delayed });
  t.equal(rig.watches, 1);
  rig.manager.stop();
  t.equal(rig.watches, 0);
});

t.test('a reload forgets nothing of what is measured as before', async (t) => {
  const delayed = { resource: 'eventLoopDelay', max: 10 } as const;
  const settings = { ...shedByHeap, monitors: [{ resource: 'fixedHeap', max: null }, delayed] };
  const rig = new Rig(settings as Partial<OverloadSettings>);
  rig.used.heap = 99;
  rig.advance(250);
  rig.used.heap = 10;
  rig.follow({ ...(settings as Partial<OverloadSettings>), refreshIntervalMs: 200 });
  t.equal(rig.state.stopAcceptingRequests, 1, 'the last second counts');
  t.equal(rig.watches, 1);
  t.equal(rig.lines.length, 1);
  rig.advance(800);
  t.equal(rig.state.stopAcceptingRequests, 1);
  rig.advance(200);
  t.equal(rig.state.stopAcceptingRequests, 0);
});

t.test('a limit of memory that is reached before there is load is told once', async (t) => {
  const limited = (max: number): Partial<OverloadSettings> => ({
    monitors: [{ resource: 'residentMemory', max: max * 1024 ** 2 }],
  });
  const rig = new Rig({});
  rig.used.resident = 85 * 1024 ** 2;
  rig.follow(limited(86));
  t.same(rig.lines, []);
  rig.follow(limited(20));
  const said =
    'warning [overload] the limit of memory is below what this process has already resource=sluice.resource_monitors.resident_memory limit=20Mi used=85Mi';
  t.same(rig.lines, [said]);
  rig.advance(1000);
  rig.follow({ ...limited(20), refreshIntervalMs: 100 });
  t.same(rig.lines, [said], 'not with each measurement, and not with another setting');
});

t.test('garbage is no pressure before nearly all is used', async (t) => {
  const rig = new Rig(defaultOverload);
  const rows: readonly (readonly [used: number, live: number | null, pressure: number])[] = [
    [40, null, 40],
    [87, null, 50],
    [87, 60, 60],
    [55, 60, 55],
    [88, 60, 88],
    [80, 76, 76],
  ];
  for (const [used, live, pressure] of rows) {
    rig.used.heap = used;
    rig.used.live = live;
    rig.advance(250);
    const shown = rig.stat('envoy.resource_monitors.fixed_heap.pressure');
    t.equal(shown, pressure, `${used} % are used, ${live} % were alive`);
  }
});

t.test('a manager that has been stopped leaves no timer', async (t: Test) => {
  const rig = new Rig(shedByHeap);
  rig.manager.stop();
  rig.used.heap = 99;
  rig.advance(10_000);
  t.equal(rig.state.stopAcceptingRequests, 0);
});

t.test('a process that serves nobody shows the same statistics, at rest', async (t) => {
  const rig = new Rig(defaultOverload);
  const names = (samples: Iterable<Sample>): string[] => Array.from(samples, ({ name }) => name);
  t.same(names(restingSamples(defaultOverload)), names(rig.manager.samples()));
  for (const { value } of restingSamples(defaultOverload)) t.equal(value, 0);
});
