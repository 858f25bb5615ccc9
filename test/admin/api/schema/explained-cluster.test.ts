import t from 'tap';
import { Value } from 'typebox/value';
import { clusterFields, PolicyValue } from '../../../../src/admin/api/schema/explained-cluster.ts';
import { Type } from '../../../../src/base/schema.ts';
import { explainedConnection, explainedRequest } from '../../../support/explained-shapes.ts';

// Connections and requests go to clusters that are told of alike.

const ClusterAlone = Type.Object(clusterFields, { additionalProperties: false });
const [ofConnection] = explainedConnection().targets;
const [target] = explainedRequest().targets;

t.test('a cluster that a connection goes to has these fields and no others', async (t) => {
  t.same([...Value.Errors(ClusterAlone, ofConnection)], []);
  t.same(Object.keys(ofConnection ?? {}).sort(), Object.keys(clusterFields).sort());
});

t.test('one of a request is the same, but for what its endpoints are sent', async (t) => {
  const { upstreamHeaders, ...cluster } = target ?? { upstreamHeaders: [] };
  t.ok(upstreamHeaders.length > 0);
  t.same([...Value.Errors(ClusterAlone, cluster)], []);
});

t.test('a setting says who has said it, or that nobody has', async (t) => {
  const settings = [...(ofConnection?.policy ?? []), ...(target?.policy ?? [])];
  t.ok(settings.length > 0);
  for (const setting of settings) t.same([...Value.Errors(PolicyValue, setting)], []);
  const [first] = settings;
  t.ok(Value.Check(PolicyValue, { ...first, origin: null }));
  t.notOk(Value.Check(PolicyValue, { ...first, origin: 'a.yaml:3' }));
});
