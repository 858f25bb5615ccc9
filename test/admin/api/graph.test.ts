import t from 'tap';
import { graph } from '../../../src/admin/api/graph.ts';
import { testState } from '../running-state-fixture.ts';

interface Asked {
  readonly status: number;
  readonly body: string;
  /** What the sampler was asked for. */
  readonly calls: readonly string[];
}

async function ask(query: string): Promise<Asked> {
  const state = testState();
  const calls: string[] = [];
  const { trafficSampler } = state;
  const original = trafficSampler.graph.bind(trafficSampler);
  trafficSampler.graph = (windowMs, grouping) => {
    calls.push(`${windowMs} ${grouping}`);
    return original(windowMs, grouping);
  };
  const request = { query: new URLSearchParams(query), variables: {}, headers: {}, body: '' };
  const { status, body } = await graph.handle({ ...request, isLocal: true }, state);
  return { status, body: String(body), calls };
}

t.test('a window and a grouping are read, and have defaults', async (t) => {
  const rows: readonly (readonly [query: string, call: string])[] = [
    ['', '60000 workload'],
    ['window=5m', '300000 workload'],
    ['window=10m', '600000 workload'],
    ['window=500ms&groupBy=service', '500 service'],
    ['groupBy=version', '60000 version'],
  ];
  for (const [query, call] of rows) {
    t.match(await ask(query), { status: 200, calls: [call] }, query);
  }
});

t.test('a window outside of what is kept is refused', async (t) => {
  for (const window of ['', '0s', '-1s', '10m1ms', '1h', '60', 'soon']) {
    const { status, body, calls } = await ask(`window=${window}`);
    t.match({ status, calls }, { status: 400, calls: [] }, window);
    t.match(body, `window is a duration up to 10m, such as 60s, not \\"${window}\\"`);
  }
});

t.test('a grouping that is not known is refused with those that are', async (t) => {
  const { status, body } = await ask('groupBy=Workload');
  t.equal(status, 400);
  t.match(body, 'groupBy is one of workload, version, service, not \\"Workload\\"');
});
