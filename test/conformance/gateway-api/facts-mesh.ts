/** Facts of the tests of routes that are attached to Services. */

import type { PlacedCase } from './expectations.ts';
import type { TestFacts } from './facts.ts';
import { meshNamespace } from './manifests.ts';

interface Modified {
  readonly Backend: string;
  readonly sent: Readonly<Record<string, string>>;
  readonly arrived: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
}

function modified({ Backend, sent, arrived, absent = [] }: Modified): PlacedCase {
  return {
    Request: { Protocol: 'grpc', Host: 'echo:7070', Headers: sent },
    ExpectedRequest: { Request: { Headers: arrived }, AbsentHeaders: absent },
    Backend,
    Namespace: meshNamespace,
  };
}

const serviceAddresses = 'needs a cluster: connections to the addresses of Services and pods';
const shares = { 'echo-v1': 70, 'echo-v2': 30 };

export const meshFacts: Readonly<Record<string, TestFacts>> = {
  MeshGRPCRouteRequestHeaderModifier: {
    cases: [
      modified({
        Backend: 'echo-v1',
        sent: { 'x-test-case': 'set', 'some-other-header': 'stays', 'x-header-set': 'goes' },
        arrived: { 'some-other-header': 'stays', 'x-header-set': 'set-overwrites-values' },
      }),
      modified({
        Backend: 'echo-v1',
        sent: { 'x-test-case': 'add', 'x-header-add': 'first' },
        arrived: { 'x-header-add': 'first,add-appends-values' },
      }),
      modified({
        Backend: 'echo-v1',
        sent: { 'x-test-case': 'remove', 'x-header-remove': 'goes' },
        arrived: { 'x-test-case': 'remove' },
        absent: ['x-header-remove'],
      }),
      modified({
        Backend: 'echo-v2',
        sent: { 'x-test-case': 'multi', 'x-header-add-2': 'first', 'x-header-remove-2': 'goes' },
        arrived: {
          'x-header-set-1': 'header-set-1',
          'x-header-set-2': 'header-set-2',
          'x-header-add-1': 'header-add-1',
          'x-header-add-2': 'first,header-add-2',
        },
        absent: ['x-header-remove-1', 'x-header-remove-2'],
      }),
    ],
  },
  MeshGRPCRouteWeight: {
    cases: [{ Request: { Protocol: 'grpc', Host: 'echo:7070' }, at: { shares } }],
    // One of its backends, with no weight, is not there.
    conditions: [{ of: `GRPCRoute ${meshNamespace}/mesh-grpc-weighted-backends`, is: [] }],
  },
  MeshHTTPRouteWeight: {
    cases: [{ Request: { Host: 'echo', Path: '/' }, at: { shares } }],
  },
  // The data wants the path of the other rule at the backend, though none rewrites it.
  MeshHTTPRouteNamedRule: {
    and: [{}, { ExpectedRequest: { Request: { Path: '/unnamed' } } }],
  },
  MeshConsumerRoute: { at: [{ namespace: `${meshNamespace}-consumer` }, {}] },
  MeshFrontend: { at: [{}, { notPlayed: serviceAddresses }] },
  MeshFrontendHostname: { notPlayed: serviceAddresses },
};
