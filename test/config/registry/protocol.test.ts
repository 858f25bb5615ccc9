import t from 'tap';
import {
  isHttp,
  kubernetesProtocol,
  parseProtocol,
} from '../../../src/config/registry/protocol.ts';

t.test('a Service port is what its appProtocol or the prefix of its name says', async (t) => {
  const cases = [
    [{ port: 80, name: 'http' }, 'HTTP'],
    [{ port: 80, name: 'http-web' }, 'HTTP'],
    [{ port: 80, name: 'http2-web' }, 'HTTP2'],
    [{ port: 80, name: 'httpweb' }, 'UNSPECIFIED'],
    [{ port: 80, name: 'grpc-web-front' }, 'GRPC_WEB'],
    [{ port: 80, name: 'GRPC' }, 'GRPC'],
    [{ port: 443, name: 'https' }, 'HTTPS'],
    [{ port: 80, name: 'tcp-x', appProtocol: 'http' }, 'HTTP'],
    [{ port: 80, name: 'x', appProtocol: 'kubernetes.io/h2c' }, 'HTTP2'],
    [{ port: 80, name: 'tcp', appProtocol: 'http-web' }, 'HTTP'],
    [{ port: 80, name: 'http', appProtocol: 'kubernetes.io/tls' }, 'UNSPECIFIED'],
    [{ port: 80, name: 'http', protocol: 'UDP' }, 'UDP'],
    [{ port: 80 }, 'UNSPECIFIED'],
    [{ port: 3306 }, 'TCP'],
    [{ port: 3306, name: 'http' }, 'HTTP'],
    [{ port: 6379, name: 'redis' }, 'TCP'],
  ] as const;
  for (const [port, expected] of cases) {
    t.equal(kubernetesProtocol(port), expected, JSON.stringify(port));
  }
});

t.test('ports of undeclared protocol are routed as HTTP', async (t) => {
  t.equal(parseProtocol(undefined), 'UNSPECIFIED');
  t.equal(parseProtocol('http'), 'HTTP');
  t.ok(isHttp('UNSPECIFIED'));
  t.ok(isHttp('GRPC'));
  t.notOk(isHttp('HTTPS'));
  t.notOk(isHttp('TCP'));
});
