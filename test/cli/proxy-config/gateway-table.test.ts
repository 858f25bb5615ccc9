import t from 'tap';
import type {
  ConditionInfo,
  PartInfo,
  ResourceState,
} from '../../../src/admin/api/schema/resources.ts';
import { ok } from '../../../src/base/result.ts';
import type { AdminConnection } from '../../../src/cli/options/admin-connection.ts';
import { gatewayKind } from '../../../src/cli/proxy-config/gateway-table.ts';

function condition(type: string, status: 'True' | 'False', reason = type): ConditionInfo {
  return { type, status, reason, message: `it is ${reason}` };
}

function resource(
  kind: string,
  name: string,
  of: { readonly conditions?: ConditionInfo[]; readonly parts?: PartInfo[] },
): ResourceState {
  return {
    kind,
    group: 'gateway.networking.k8s.io',
    namespace: kind === 'GatewayClass' ? '' : 'shop',
    name,
    file: 'edge.yaml',
    line: 7,
    status: 'accepted',
    conditions: of.conditions ?? [],
    parts: of.parts ?? [],
    findings: [],
  };
}

const resources = [
  resource('GatewayClass', 'edge', { conditions: [condition('Accepted', 'True')] }),
  resource('Gateway', 'main', {
    conditions: [condition('Accepted', 'True'), condition('Programmed', 'True')],
    parts: [
      {
        name: 'http',
        attachedRoutes: 2,
        supportedKinds: ['HTTPRoute'],
        conditions: [
          condition('Accepted', 'True'),
          condition('Conflicted', 'False', 'NoConflicts'),
          condition('ResolvedRefs', 'True'),
        ],
      },
      {
        name: 'lax',
        attachedRoutes: 1,
        supportedKinds: [],
        conditions: [condition('InsecureFrontendValidationMode', 'True', 'ConfigurationChanged')],
      },
      {
        name: 'again',
        attachedRoutes: 0,
        supportedKinds: [],
        conditions: [
          condition('Conflicted', 'True', 'HostnameConflict'),
          condition('Programmed', 'False', 'Invalid'),
        ],
      },
    ],
  }),
  resource('HTTPRoute', 'web', {
    parts: [
      {
        name: 'shop/main/http',
        attachedRoutes: null,
        supportedKinds: [],
        conditions: [
          condition('Accepted', 'True'),
          condition('ResolvedRefs', 'False', 'BackendNotFound'),
        ],
      },
    ],
  }),
  resource('Service', 'web', {}),
];

async function lines(wide: boolean, name?: string): Promise<string[]> {
  // Of the connection nothing else is used.
  const admin = { client: { resources: async () => ok({ resources }) } };
  const filters = name === undefined ? {} : { name };
  const read = await gatewayKind.fetch(admin as unknown as AdminConnection, filters);
  if (!read.ok) return [read.error];
  return read.value.table(wide).map((line) => line.replace(/ {2,}/g, ' | '));
}

t.test('a line for each resource, listener and parent that has conditions', async (t) => {
  t.same(await lines(false), [
    'KIND | NAME | LISTENER OR PARENT | ROUTES | ACCEPTED | PROGRAMMED | RESOLVED REFS | REASON',
    'GatewayClass | edge | - | - | True | - | - | -',
    'Gateway | shop/main | - | - | True | True | - | -',
    'Gateway | shop/main | http | 2 | True | - | True | -',
    'Gateway | shop/main | lax | 1 | - | - | - | ConfigurationChanged',
    'Gateway | shop/main | again | 0 | - | False | - | HostnameConflict; Invalid',
    'HTTPRoute | shop/web | shop/main/http | - | True | - | False | BackendNotFound',
  ]);
});

t.test('wide lines have the message and the place', async (t) => {
  const [, line = ''] = await lines(true, 'web');
  t.match(line, / \| BackendNotFound \| it is BackendNotFound \| edge\.yaml:7$/);
});

t.test('a name is asked for with its namespace or without', async (t) => {
  t.equal((await lines(false, 'main')).length, 5);
  t.equal((await lines(false, 'SHOP/main')).length, 5);
  t.equal((await lines(false, 'other/main')).length, 1);
});
