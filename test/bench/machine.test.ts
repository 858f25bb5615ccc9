import t from 'tap';
import { kernelSeries, versionIn } from '../../bench/peers/machine.ts';

t.test('the version that a proxy prints', (t) => {
  const envoy = '/opt/versions/3.11.7/bin/envoy  version: 9e55a1/1.40.0/Clean/RELEASE/BoringSSL';
  t.equal(versionIn(envoy), '1.40.0');
  t.equal(versionIn('nginx version: nginx/1.22.1\n'), '1.22.1');
  t.equal(versionIn('HAProxy version 2.6.12-1+deb12u1 2024/03/14'), '2.6.12');
  t.equal(versionIn('0.1.0\n'), '0.1.0');
  t.equal(versionIn('what?'), 'unknown');
  t.end();
});

t.test('of the kernel its series is told, not whose build it is', (t) => {
  t.equal(kernelSeries('6.1.0-18-amd64'), '6.1');
  t.equal(kernelSeries('25.3.0'), '25.3');
  t.equal(kernelSeries('what?'), 'unknown');
  t.end();
});
