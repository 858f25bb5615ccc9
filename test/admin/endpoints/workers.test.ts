import t from 'tap';
import { startAdmin } from '../admin-harness.ts';
import { testState } from '../running-state-fixture.ts';

t.test('a process that serves itself has no workers', async (t) => {
  const { json } = await startAdmin(t);
  t.same(await json('/workers'), { concurrency: 1, workers: [] });
});

t.test('each worker is told by its number and process, and by nothing else', async (t) => {
  const workers = () => [
    { number: 1, pid: 4711, isReady: true },
    { number: 2, pid: 4712, isReady: false },
  ];
  const { json, post } = await startAdmin(t, { ...testState(), concurrency: () => 3, workers });
  t.same(await json('/workers'), {
    concurrency: 3,
    workers: [
      { number: 1, pid: 4711 },
      { number: 2, pid: 4712 },
    ],
  });
  t.equal((await post('/workers')).status, 405, 'it changes nothing');
});
