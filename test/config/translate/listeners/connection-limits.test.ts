import t from 'tap';
import { defaultLimits } from '../../../../src/model/limits.ts';
import { sidecar, translate } from '../translate-yaml.ts';

const bootstrap = `---
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: proxy}
spec:
  listeners:
    connectionLimits:
      other: 5
`;

t.test('a listener has its own limit by its name', async (t) => {
  const [name = ''] = translate('').mesh.listeners.map((listener) => listener.name);
  const { mesh, findings } = translate('', { ...sidecar, connectionLimits: { [name]: 7 } });
  t.same(findings, []);
  t.strictSame(
    mesh.listeners.map(({ limits }) => limits),
    [{ ...defaultLimits, connectionsPerListener: 7 }],
  );
});

t.test('a limit for a listener that there is not is a warning', async (t) => {
  const { mesh, findings } = translate(bootstrap, { ...sidecar, connectionLimits: { other: 5 } });
  t.match(findings, [
    {
      code: 'SLC0227',
      severity: 'warning',
      message: 'there is no listener "other"',
      hint: `there are ${mesh.listeners.map(({ name }) => name).join(', ')}`,
      line: 8,
    },
  ]);
  t.equal(mesh.listeners[0]?.limits.connectionsPerListener, defaultLimits.connectionsPerListener);
});
