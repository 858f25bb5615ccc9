/** `sluice run`: starts the proxy and answers signals until it ends. */

import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ProxyOptions, RunningProxy, StartFailure } from '../../app.ts';
import { lowerBackgroundThreads } from '../../base/background-threads.ts';
import { systemClock } from '../../base/clock.ts';
import { setServingHeapFlags } from '../../base/heap-flags.ts';
import { nearestSpelling } from '../../base/spelling.ts';
import { keepAlive, systemTimers } from '../../base/timers.ts';
import { growYoungGenerationWhenBusy } from '../../base/young-generation.ts';
import { type Finding, formatFindingPlaceLast } from '../../config/finding.ts';
import { findingCode } from '../../config/finding-code.ts';
import type { SocketAddress } from '../../config/proxy-settings.ts';
import { parseSocketAddress } from '../../config/settings/parse-address.ts';
import { noListenerOpen } from '../../runtime/reload-notes.ts';
import { LogRoot } from '../../telemetry/logger.ts';
import { exitCode } from '../exit-code.ts';
import {
  addFileOption,
  addIdentityOptions,
  type ConfigFlags,
  collect,
  namesOfPaths,
  requirePaths,
} from '../options/config-options.ts';
import { say } from '../output/say.ts';
import { protocolNote } from './protocol-note.ts';
import { hearSignals, stopOnSignals } from './signals.ts';

interface RunFlags extends ConfigFlags {
  readonly watch: boolean;
  readonly outbound?: string[];
  readonly inbound?: string[];
  readonly admin?: string;
  readonly port?: string[];
  readonly gatewayBind?: string;
  readonly localTls?: boolean;
  readonly locality?: string;
  readonly accessLog?: string;
  readonly accessLogFormat?: string;
  readonly seed?: string;
  readonly drainTime?: string;
  readonly concurrency: number;
  /** True: without an address. */
  readonly takeover?: true | SocketAddress;
}

const examples = `
A Bootstrap resource can set each flag but -f, --concurrency and --takeover; a flag wins.

Examples:
  sluice run -f bookinfo.yaml --workload reviews-v1=127.0.0.1:9081
  sluice run -f rules/ --port 80=8080
  sluice run -f rules/ --local-tls
  sluice run -f rules/ --takeover
  sluice run -f rules/ --outbound 127.0.0.1:15080=80 --labels app=web
  kubectl get vs,dr,gw,se,svc,deploy -o yaml | sluice run -f -`;

export function runCommand(): Command {
  const command = new Command('run').description(
    'start the proxy on resources from files, folders or standard input',
  );
  addListenerOptions(addFileOption(command));
  return addProcessOptions(addIdentityOptions(command))
    .addHelpText('after', examples)
    .action(async (flags: RunFlags) => {
      process.exitCode = await run(flags);
    });
}

function addListenerOptions(command: Command): Command {
  return command
    .option('--no-watch', 'do not reload when files change')
    .option(
      '--outbound <addr:port[=service-port]>',
      'mesh listener, or "off"; repeatable (default: 127.0.0.1:15001)',
      collect,
    )
    .option(
      '--inbound <addr:port=app-port>',
      'listener in front of the local application; repeatable',
      collect,
    )
    .option('--admin <addr:port>', 'admin API, or "off" (default: 127.0.0.1:15000)')
    .option(
      '--port <gateway-port=local-port>',
      'where a Gateway server port is really bound; repeatable',
      collect,
    )
    .option(
      '--gateway-bind <addr>',
      'address of gateway listeners without bind (default: 127.0.0.1)',
    )
    .option('--local-tls', 'https on Gateways with certificates of your own authority (sluice ca)');
}

function addProcessOptions(command: Command): Command {
  return command
    .option('--locality <region/zone/subzone>', 'locality of this proxy')
    .option('--access-log <path>', 'file, - for standard output, or "off" (default: -)')
    .option(
      '--access-log-format <format>',
      'text, json, or a format with Envoy operators (default: text)',
    )
    .option('--seed <number>', 'makes random choices repeatable')
    .option('--drain-time <duration>', 'how long open requests get on shutdown (default: 5s)')
    .addOption(
      new Option('--concurrency <n>', 'worker processes that serve, or "auto" for one a core')
        .argParser(parseConcurrency)
        .default(1),
    )
    .addOption(
      new Option(
        '--takeover [addr:port]',
        'take the ports of a running proxy, which then drains and ends: the one with the same admin address, or with this one',
      ).argParser(parseTakeover),
    );
}

function parseTakeover(text: string): SocketAddress {
  const address = parseSocketAddress(text);
  if (address.ok && address.value.port > 0) return address.value;
  throw new InvalidArgumentError('Write the admin address of the running proxy, ADDR:PORT.');
}

/** More than any machine has cores. */
const maxWorkers = 256;

function parseConcurrency(text: string): number {
  if (text === 'auto') return Math.min(availableParallelism(), maxWorkers);
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= maxWorkers) return count;
  throw new InvalidArgumentError(`Write a whole number, 1 to ${maxWorkers}, or "auto".`);
}

async function run(flags: RunFlags): Promise<number> {
  const running = Promise.withResolvers<RunningProxy>();
  hearSignals(running.promise);
  const paths = requirePaths(flags);
  const badFormat = await accessLogFormatMistake(flags.accessLogFormat);
  if (badFormat !== null) {
    say(`--access-log-format: ${badFormat}`);
    return exitCode.usage;
  }
  const log = new LogRoot({
    clock: systemClock,
    write: (line) => process.stderr.write(line),
  });
  const { file: _, watch, concurrency, takeover: asked, ...rest } = flags;
  const takeover = asked === true ? 'same-admin' : asked;
  const options: ProxyOptions = {
    ...{ paths, watch, flags: rest, log, concurrency, takeover },
    onFirstConnection: setServingHeapFlags,
  };
  const { startProxy } = await import('../../app.ts');
  // What a start waits for, such as the next health check, does not keep the process alive.
  const awake = keepAlive();
  const started = await startProxy(options).finally(() => awake.cancel());
  lowerBackgroundThreads();
  growYoungGenerationWhenBusy(systemTimers);
  if (!started.ok) return reportFailure(started.error, paths);
  running.resolve(started.value);
  announce(started.value);
  const code = await serveOrEnd(started.value);
  // Whatever still waits, for a name or for a reader of the log, has had its time.
  process.exit(code);
}

/** Without listeners, admin API and files that may change there is nothing to live for. */
async function serveOrEnd(proxy: RunningProxy): Promise<number> {
  const { runtime, admin, watches } = proxy;
  const isOpen = runtime.listeners.active.length > 0;
  if (!isOpen) say(watches ? `${noListenerOpen}; waiting for changes of files` : noListenerOpen);
  if (!isOpen && !watches && admin === null) {
    await proxy.stop();
    return exitCode.failure;
  }
  say('ready');
  return serveUntilStopped(proxy);
}

async function serveUntilStopped(proxy: RunningProxy): Promise<number> {
  try {
    await stopOnSignals(proxy, () => announceDrain(proxy));
    return exitCode.ok;
  } catch (error) {
    say(`could not stop cleanly: ${(error as Error).message}`);
    return exitCode.failure;
  }
}

function announceDrain({ runtime, drainTimeMs, hasWorkers }: RunningProxy): void {
  const limit = `up to ${drainTimeMs / 1000}s, a second signal ends at once`;
  if (hasWorkers) {
    say(`stopping; open requests get ${limit}`);
    return;
  }
  let requests = 0;
  let connections = 0;
  for (const { stats, filterChains } of runtime.listeners.active) {
    requests += stats.downstreamRqActive;
    for (const chain of filterChains) {
      if (chain.kind === 'tcp') connections += chain.stats.downstreamCxActive;
    }
  }
  const open = [...counted(requests, 'open request'), ...counted(connections, 'TCP connection')];
  if (open.length === 0) {
    say('stopping');
    return;
  }
  const get = requests + connections === 1 ? 'gets' : 'get';
  say(`stopping; ${open.join(' and ')} ${get} ${limit}`);
}

/** `2 open requests`; nothing for none. */
function counted(count: number, what: string): string[] {
  if (count === 0) return [];
  return [`${count} ${what}${count === 1 ? '' : 's'}`];
}

/** In a Bootstrap it is a mistake of the configuration, on the command line one of usage. */
async function accessLogFormatMistake(format: string | undefined): Promise<string | null> {
  if (format === undefined || format === 'text' || format === 'json') return null;
  const { compileFormat } = await import('../../telemetry/format/format.ts');
  const { describeFormatError } = await import('../../telemetry/format/format-syntax.ts');
  const compiled = compileFormat(format, 'access-log');
  if (!compiled.ok) return describeFormatError(compiled.error);
  if (compiled.value.constant === null) return null;
  const near = nearestSpelling(format.trim(), ['text', 'json']);
  const hint =
    near === null ? 'write it like "%START_TIME% %REQ(:PATH)%"' : `did you mean ${near}?`;
  return `"${format}" has no operator, every line would be the same; ${hint}`;
}

function announce(proxy: RunningProxy): void {
  const { predecessor } = proxy;
  if (predecessor !== null) {
    say(`in the place of process ${predecessor.pid} (sluice ${predecessor.version}), which drains`);
  }
  for (const finding of proxy.findings) say(formatFindingPlaceLast(finding));
  for (const listener of proxy.runtime.listeners.active) {
    const { name, address, servicePort, port } = listener.model;
    const moved = servicePort !== 0 && servicePort !== port ? ` for port ${servicePort}` : '';
    const spoken = protocolNote(listener.model);
    process.stderr.write(
      `${name}: listening on ${address}:${listener.boundPort}${moved}${spoken}\n`,
    );
  }
  const { admin } = proxy;
  if (admin !== null) process.stderr.write(`admin: http://${admin.address}:${admin.port}/\n`);
}

function reportFailure(failure: StartFailure, paths: readonly string[]): number {
  switch (failure.kind) {
    case 'flags':
      for (const { flag, message } of failure.errors) say(`--${flag}: ${message}`);
      return exitCode.usage;
    case 'config':
      reportRefused(failure.findings, paths);
      return exitCode.failure;
    case 'bind':
      for (const { listener, error } of failure.failures) {
        say(`cannot listen on ${listener.address}:${listener.port}: ${bindHint(error.code)}`);
      }
      return exitCode.failure;
    case 'system':
      say(failure.message);
      return exitCode.failure;
  }
}

function reportRefused(findings: readonly Finding[], paths: readonly string[]): void {
  const others = findings.filter(({ code }) => code !== findingCode.noResources);
  for (const finding of others) say(formatFindingPlaceLast(finding));
  const isEmpty = others.length < findings.length;
  say(isEmpty ? `no resources found in ${namesOfPaths(paths)}` : 'the configuration was refused');
}

function bindHint(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use; stop what uses it or choose another (--port, --outbound, --admin)';
    case 'EACCES':
      return 'not allowed; choose a port above 1023 with --port GATEWAY_PORT=LOCAL_PORT';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address';
    default:
      return code;
  }
}
