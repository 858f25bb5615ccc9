/** The parts used of a package that comes without types. */

declare module 'http-proxy' {
  import type { Agent, IncomingMessage, ServerResponse } from 'node:http';

  interface ProxyServer {
    web(request: IncomingMessage, response: ServerResponse, options: { target: string }): void;
  }
  const httpProxy: {
    createProxyServer(options: { agent: Agent; xfwd: boolean }): ProxyServer;
  };
  // biome-ignore lint/style/noDefaultExport: the package has one.
  export default httpProxy;
}
