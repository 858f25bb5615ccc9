/** `sluice ca`: shows the certificate authority of local TLS, and how to trust it. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { systemClock } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import { type AuthorityPaths, authorityPaths } from '../../local-tls/authority-files.ts';
import { dataFolder } from '../../local-tls/data-folder.ts';
import type { LocalAuthority } from '../../local-tls/local-authority.ts';
import { exitCode } from '../exit-code.ts';
import { usageError } from '../options/usage-error.ts';
import { printable, printableLine } from '../output/printable.ts';
import { fail, say } from '../output/say.ts';
import { trustInstructions } from './trust-instructions.ts';

interface CaFlags {
  readonly create?: boolean;
  readonly renew?: boolean;
  readonly yes?: boolean;
  readonly print?: boolean;
  readonly path?: boolean;
  readonly json?: boolean;
}

const about = `
Certificates for https on this machine are signed by an authority of your own. It is trusted by
nobody until you say so: this command shows how, and installs nothing itself.

Exit code: 0 done, 1 there is no authority that can be used, 2 wrong usage.

Examples:
  sluice ca                                     where it is, and how to trust it
  sluice ca --create                            make it now instead of at the first start
  curl --cacert "$(sluice ca --path)" https://localhost:8443/
  sluice ca --print | ssh me@other 'cat > sluice-local-ca.crt'
  sluice ca --renew                             a new authority with a new key`;

export function caCommand(): Command {
  return new Command('ca')
    .description('show the certificate authority of local TLS, and how to trust it')
    .addOption(new Option('--print', 'print the certificate (PEM)').conflicts(['path', 'json']))
    .addOption(new Option('--path', 'print where the certificate is').conflicts('json'))
    .option('--json', 'print what there is to know as JSON')
    .addOption(new Option('--create', 'make an authority if there is none').conflicts('renew'))
    .option('--renew', 'replace the authority by a new one; asks first')
    .option('--yes', 'replace it without asking')
    .addHelpText('after', about)
    .action(async (flags: CaFlags) => {
      process.exitCode = await ca(flags);
    });
}

async function ca(flags: CaFlags): Promise<number> {
  const folder = dataFolder(process.env, process.platform);
  if (!folder.ok) return fail(folder.error);
  const paths = authorityPaths(folder.value);
  if (flags.renew && !(await mayReplace(paths, flags))) return fail('nothing was changed');
  const wanted = await authorityFor(paths, flags);
  if (!wanted.ok) return fail(wanted.error);
  if (wanted.value === null) return showNone(paths, flags);
  show(wanted.value, flags);
  const now = systemClock.wall();
  const notice = wanted.value.expiryNotice(now);
  if (notice !== null) say(notice);
  return wanted.value.isExpired(now) ? exitCode.failure : exitCode.ok;
}

async function authorityFor(
  paths: AuthorityPaths,
  flags: CaFlags,
): Promise<Result<LocalAuthority | null, string>> {
  // Loaded here, so that no other command carries what reads and makes certificates.
  const local = await import('../../local-tls/local-authority.ts');
  if (flags.renew) return local.renewAuthority(paths, systemClock);
  if (flags.create) return local.openAuthority(paths, systemClock);
  return local.findAuthority(paths);
}

/** Nothing is lost where there is nothing yet. */
async function mayReplace(paths: AuthorityPaths, { yes }: CaFlags): Promise<boolean> {
  if (yes || !existsSync(paths.folder)) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    const message = '--renew asks before it replaces the authority; without a terminal, add --yes';
    throw usageError(message);
  }
  process.stderr.write(`Replace the certificate authority in ${printableLine(paths.folder)}?\n`);
  return confirmed('Its key is deleted, and the new one has to be trusted again. [y/N] ');
}

/** The end of the input and Ctrl-C mean no. */
async function confirmed(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    const declined = () => {
      process.stderr.write('\n');
      resolve(false);
    };
    terminal.once('close', declined);
    terminal.question(question, (answer) => {
      terminal.off('close', declined);
      terminal.close();
      resolve(/^y(es)?$/i.test(answer.trim()));
    });
  });
}

/** Whatever it prints, scripts are told by the exit code. */
function showNone(paths: AuthorityPaths, flags: CaFlags): number {
  const { certificate, privateKey } = paths;
  if (flags.print || flags.path) {
    return fail('there is no certificate authority yet; sluice ca --create makes one');
  }
  const facts = { exists: false, certificate, privateKey };
  process.stdout.write(flags.json ? json(facts) : printable(noneYet(paths.folder)));
  return exitCode.failure;
}

function noneYet(folder: string): string {
  return `There is no certificate authority yet. \`sluice run --local-tls\` makes one when it
first starts, \`sluice ca --create\` makes it now. It will be kept in

  ${folder}
`;
}

function show(authority: LocalAuthority, flags: CaFlags): void {
  const { paths, certificate } = authority;
  if (flags.print) process.stdout.write(certificate.toString());
  else if (flags.path) process.stdout.write(`${paths.certificate}\n`);
  else if (flags.json) process.stdout.write(json({ exists: true, ...facts(authority) }));
  else process.stdout.write(printable(described(authority, flags)));
}

function facts({ paths, certificate, name }: LocalAuthority) {
  return {
    certificate: paths.certificate,
    privateKey: paths.privateKey,
    name,
    sha256: certificate.fingerprint256,
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
  };
}

const current = 'The certificate authority of sluice run --local-tls:';
const renewed = `A new certificate authority. Restart every sluice run --local-tls, and take the old
one out of where it was trusted.`;

function described(authority: LocalAuthority, flags: CaFlags): string {
  const { certificate, privateKey, name, sha256, notBefore, notAfter } = facts(authority);
  const nssFolder = nssFolderBeside(dirname(authority.paths.folder));
  const { platform } = process;
  return `${flags.renew ? renewed : current}

  name         ${name}
  certificate  ${certificate}
  private key  ${privateKey}
  SHA-256      ${sha256.slice(0, 48)}
               ${sha256.slice(48)}
  valid        ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}

Nothing trusts it until you say so. Whoever does believes every certificate made with that
private key, for any host: keep the key to yourself.

${trustInstructions({ certificate, name, platform, nssFolder })}`;
}

/** Chromium looks in the older folder if it exists, else, since version 146, in the data folder. */
function nssFolderBeside(dataFolder: string): string {
  const { HOME: home } = process.env;
  const older = home === undefined ? null : join(home, '.pki/nssdb');
  if (older !== null && existsSync(older)) return older;
  return join(dirname(dataFolder), 'pki/nssdb');
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
