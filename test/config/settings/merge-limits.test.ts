import t from 'tap';
import { BootstrapLimits } from '../../../src/config/schema/bootstrap-limits.ts';
import { propertiesOf, view } from '../../../src/config/schema/walk.ts';
import { defaultLimits, type Limits } from '../../../src/model/limits.ts';
import { errors, settings } from './bootstraps.ts';

/** The name of a limit in configuration, where times carry their unit. */
function fieldOf(limit: string): string {
  return limit.replace(/Ms$/, '');
}

t.test('every limit of the model can be set, and no other', async (t) => {
  const fields = Object.keys(defaultLimits).map(fieldOf);
  t.strictSame(Object.keys(propertiesOf(BootstrapLimits)).sort(), fields.sort());
});

t.test('the documented defaults, written out, are the defaults of the model', async (t) => {
  const written = Object.fromEntries(
    Object.entries(propertiesOf(BootstrapLimits)).map(([name, field]) => [
      name,
      view(field).default,
    ]),
  );
  t.match(written, { requestHeadBytes: '60Ki', downstreamIdle: '1h' });
  t.match(written, { streamBufferBytes: '256Ki', mirrorBufferBytes: '1Mi' });
  t.strictSame(settings({ limits: written }).proxy.limits, defaultLimits);
  t.strictSame(settings({}).proxy.limits, defaultLimits);
});

t.test('each field sets its own limit', async (t) => {
  for (const [index, name] of Object.keys(defaultLimits).entries()) {
    const isTime = name.endsWith('Ms');
    const value = 20_000 + index;
    const { limits } = settings({
      limits: { [fieldOf(name)]: isTime ? `${value}ms` : value },
    }).proxy;
    t.strictSame(limits, { ...defaultLimits, [name]: value } satisfies Limits, name);
  }
});

t.test('sizes are bytes or quantities; zero switches some limits off', async (t) => {
  const { limits } = settings({
    limits: {
      requestHeadBytes: '96Ki',
      streamBufferBytes: '1.5Mi',
      retryBufferBytes: 0,
      pipelineBufferBytes: '0',
      requestHeadTimeout: '0s',
      streamIdle: '1.5s',
    },
  }).proxy;
  t.match(limits, {
    requestHeadBytes: 98_304,
    streamBufferBytes: 1_572_864,
    retryBufferBytes: 0,
    pipelineBufferBytes: 0,
    requestHeadTimeoutMs: 0,
    streamIdleMs: 1500,
  });
});

t.test('nonsense is refused', async (t) => {
  const limits = {
    requestHeadBytes: '60KB',
    responseHeadBytes: 0,
    trailerBytes: 1,
    chunkLineBytes: -1,
    requestHeadTimeout: '-1s',
    downstreamIdle: '0s',
    mirrorTimeout: '0s',
    streamIdle: '600h',
    streamBufferBytes: '2Gi',
  };
  t.strictSame(errors({ limits }), [
    'limits.requestHeadBytes: requestHeadBytes cannot be "60KB": write it like 65536, 64Ki or 1Mi',
    'limits.responseHeadBytes: responseHeadBytes must be 1 or more, not 0',
    'limits.trailerBytes: trailerBytes must be 2 or more, not 1',
    'limits.chunkLineBytes: chunkLineBytes must be 1 or more, not -1',
    'limits.requestHeadTimeout: requestHeadTimeout must be 0s or more, not -1s',
    'limits.downstreamIdle: downstreamIdle must be 1ms or more, not 0s',
    'limits.streamIdle: streamIdle is too large: 600h',
    'limits.streamBufferBytes: streamBufferBytes is too large: 2Gi',
    'limits.mirrorTimeout: mirrorTimeout must be 1ms or more, not 0s',
  ]);
});
