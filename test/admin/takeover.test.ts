import t from 'tap';
import { takeover } from '../../src/admin/endpoints/takeover.ts';
import { startAdmin } from './admin-harness.ts';
import { testState } from './running-state-fixture.ts';

t.test('/takeover invites who speaks the protocol', async (t) => {
  const state = testState();
  const { post } = await startAdmin(t, state);
  const invited = await post('/takeover?protocol=1');
  t.equal(invited.status, 200);
  t.match(JSON.parse(invited.body), { protocol: 1, pid: 7, folder: '/tmp/sluice-7' });
  t.match(await post('/takeover?protocol=2'), { status: 409, body: 'another protocol\n' });
  t.match(await post('/takeover'), { status: 409 });
  t.same(
    state.calls,
    ['1', '2', ''].map((protocol) => `takeover by protocol ${protocol}`),
  );
});

t.test('/takeover is for processes of this machine', async (t) => {
  const state = testState();
  const request = {
    query: new URLSearchParams('protocol=1'),
    variables: {},
    headers: {},
    body: '',
  };
  t.match(await takeover.handle({ ...request, isLocal: false }, state), { status: 403 });
  t.same(state.calls, []);
});
