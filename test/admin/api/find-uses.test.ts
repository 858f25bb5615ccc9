import t from 'tap';
import { findUses } from '../../../src/admin/api/find-uses.ts';
import type { Mesh } from '../../../src/model/mesh.ts';
import type { Origin } from '../../../src/model/origin.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from '../../support/mesh-models.ts';
import { route, virtualHost } from '../../support/route-models.ts';

function origin(kind: string, line: number, name = 'reviews'): Origin {
  return { kind, namespace: 'default', name, file: 'a.yaml', line };
}

const gateway = origin('Gateway', 3);
const rules = origin('VirtualService', 10);

function mesh(): Mesh {
  const routes = [
    { ...route('canary'), origin: { ...rules, line: 14 } },
    { ...route(''), origin: { ...rules, line: 20 } },
    { ...route('elsewhere'), origin: origin('VirtualService', 30, 'ratings') },
  ];
  return {
    ...meshOf({
      listeners: [
        listenerModel({
          origin: gateway,
          filterChains: [httpChain({ name: 'shop', origin: { ...gateway, line: 7 } })],
        }),
      ],
      clusters: [clusterOf('outbound|80||a', [1], { origin: origin('DestinationRule', 40) })],
    }),
    routeTables: [
      {
        name: '80',
        virtualHosts: [{ ...virtualHost(['reviews'], routes), origin: rules }],
        ignorePortInHost: false,
        grpcWeb: false,
      },
    ],
  };
}

function usesOf(kind: string, name = 'reviews', namespace = 'default'): string[] {
  const uses = findUses(mesh(), { kind, namespace, name });
  return uses.map((use) => `${use.kind} ${use.name} in "${use.within}" line ${use.line}`);
}

t.test('every object made from a resource is found, each with the line that made it', async (t) => {
  t.same(usesOf('Gateway'), [
    'listener gateway_80 in "" line 3',
    'filter-chain shop in "gateway_80" line 7',
  ]);
  t.same(usesOf('VirtualService'), [
    'virtual-host reviews in "80" line 10',
    'route reviews/canary in "80" line 14',
    'route reviews/1 in "80" line 20',
  ]);
  t.same(usesOf('DestinationRule'), ['cluster outbound|80||a in "" line 40']);
});

t.test('another kind, name or namespace has made none of them', async (t) => {
  t.same(usesOf('VirtualService', 'ratings'), ['route reviews/elsewhere in "80" line 30']);
  t.same(usesOf('VirtualService', 'reviews', 'other'), []);
  t.same(usesOf('ServiceEntry'), []);
});
