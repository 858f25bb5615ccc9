import t from 'tap';
import { defaultOverload } from '../../../src/model/overload-settings.ts';
import { errors, settings } from './bootstraps.ts';

function overload(spec: object) {
  return settings({ overload: spec }).proxy.overload;
}

t.test('without settings the heap and the descriptors are watched', async (t) => {
  t.strictSame(settings({}).proxy.overload, defaultOverload);
  t.strictSame(overload({}), defaultOverload);
});

t.test('resources take sizes, times and counts', async (t) => {
  const { monitors, refreshIntervalMs } = overload({
    refreshInterval: '1s',
    resources: {
      fixedHeap: '1Gi',
      residentMemory: 1000,
      eventLoopDelay: '50ms',
      downstreamConnections: 10,
      fileDescriptors: 64,
    },
  });
  t.equal(refreshIntervalMs, 1000);
  t.strictSame(monitors, [
    { resource: 'fixedHeap', max: 1024 ** 3 },
    { resource: 'residentMemory', max: 1000 },
    { resource: 'eventLoopDelay', max: 50 },
    { resource: 'downstreamConnections', max: 10 },
    { resource: 'fileDescriptors', max: 64 },
  ]);
});

t.test('what is measured beyond the defaults has triggers of its own', async (t) => {
  const { actions } = overload({ resources: { eventLoopDelay: '50ms', residentMemory: '1Gi' } });
  t.match(actions, [
    {
      name: 'stopAcceptingRequests',
      triggers: [
        { kind: 'threshold', resource: 'fixedHeap', value: 0.88 },
        { kind: 'threshold', resource: 'residentMemory', value: 0.95 },
        { kind: 'scaled', resource: 'eventLoopDelay', scaling: 0.5, saturation: 1 },
      ],
    },
    { name: 'disableHttpKeepalive', triggers: [{}, { resource: 'residentMemory' }] },
    { name: 'rejectIncomingConnections' },
  ]);
});

t.test('an action that is given replaces its default, and no other', async (t) => {
  const { actions } = overload({
    actions: {
      stopAcceptingRequests: {},
      stopAcceptingConnections: { fileDescriptors: { threshold: 0.5 } },
    },
  });
  const [, keepalive, reject] = defaultOverload.actions;
  t.strictSame(actions, [
    { name: 'stopAcceptingRequests', triggers: [] },
    keepalive,
    {
      name: 'stopAcceptingConnections',
      triggers: [{ kind: 'threshold', resource: 'fileDescriptors', value: 0.5 }],
    },
    reject,
  ]);
});

const wrong: readonly (readonly [what: string, spec: object, message: RegExp])[] = [
  [
    'an interval that is too short',
    { refreshInterval: '1ms' },
    /^overload\.refreshInterval: refreshInterval must be 10ms to 1m, not 1ms$/,
  ],
  [
    'a size that is none',
    { resources: { fixedHeap: 'much' } },
    /^overload\.resources\.fixedHeap: fixedHeap cannot be "much": write it like 512Mi$/,
  ],
  [
    'a delay of nothing',
    { resources: { eventLoopDelay: '0s' } },
    /^overload\.resources\.eventLoopDelay: eventLoopDelay must be above 0$/,
  ],
  [
    'a trigger of what is not measured',
    { actions: { stopAcceptingRequests: { eventLoopDelay: { threshold: 1 } } } },
    /eventLoopDelay: eventLoopDelay is not measured: say in resources\.eventLoopDelay how much/,
  ],
  [
    'a trigger without a value',
    { actions: { disableHttpKeepalive: { fixedHeap: {} } } },
    /fixedHeap needs a threshold, or scalingThreshold and saturationThreshold$/,
  ],
  [
    'a trigger that is always on',
    { actions: { disableHttpKeepalive: { fixedHeap: { threshold: 0 } } } },
    /fixedHeap needs a threshold above 0/,
  ],
  [
    'a scale upside down',
    {
      actions: {
        stopAcceptingRequests: {
          fixedHeap: { scalingThreshold: 0.9, saturationThreshold: 0.9 },
        },
      },
    },
    /fixedHeap needs a saturationThreshold above its scalingThreshold$/,
  ],
];
for (const [what, spec, message] of wrong) {
  t.test(`${what} is an error at its place`, async (t) => {
    const found = errors({ overload: spec });
    t.equal(found.length, 1);
    t.match(found[0], message);
  });
}
