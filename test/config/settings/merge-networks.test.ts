import t from 'tap';
import { errors, settings } from './bootstraps.ts';

type Endpoint = { readonly fromCidr: string } | { readonly fromRegistry: string };

function networks(...endpoints: readonly Endpoint[]): object {
  return { meshNetworks: { networks: { n1: { endpoints } } } };
}

t.test('nobody is internal unless a network says so', async (t) => {
  t.equal(settings({}).proxy.internalAddresses, null);
  t.equal(settings({ meshNetworks: {} }).proxy.internalAddresses, null);
  const byRegistry = networks({ fromRegistry: 'cluster-2' });
  t.equal(settings(byRegistry).proxy.internalAddresses, null);
});

t.test('the ranges of all networks, each once', async (t) => {
  const n1 = { endpoints: [{ fromCidr: '192.168.0.0/16' }, { fromCidr: '10.0.0.0/8' }] };
  const n2 = {
    endpoints: [{ fromCidr: '10.0.0.0/8' }],
    gateways: [{ address: '1.1.1.1', port: 443 }],
  };
  const { internalAddresses } = settings({ meshNetworks: { networks: { n1, n2 } } }).proxy;
  t.same(internalAddresses, ['10.0.0.0/8', '192.168.0.0/16']);
});

t.test('what is no range is an error at its place', async (t) => {
  t.same(errors(networks({ fromCidr: '10.0.0.0/8' }, { fromCidr: '10.0.0/8' })), [
    'meshNetworks.networks.n1.endpoints.1.fromCidr: ' +
      '"10.0.0/8" is not a range of addresses: write it like 10.0.0.0/8',
  ]);
});
