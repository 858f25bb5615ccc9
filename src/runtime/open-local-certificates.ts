/** Opens the local authority for a proxy that is started with local TLS. */

import type { Clock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { LocalCertificates } from '../transport/local-certificates.ts';

/**
 * With the authority of the user, which is made if there is none. The error is one line for the
 * user. What makes certificates is loaded here: a proxy without local TLS does not wait for it.
 */
export async function openLocalCertificates(
  clock: Clock,
  log: Logger,
): Promise<Result<LocalCertificates, string>> {
  const [{ authorityPaths }, { dataFolder }, { openAuthority }, { LeafCertificates }] =
    await Promise.all([
      import('../local-tls/authority-files.ts'),
      import('../local-tls/data-folder.ts'),
      import('../local-tls/local-authority.ts'),
      import('../local-tls/leaf-certificates.ts'),
    ]);
  const folder = dataFolder(process.env, process.platform);
  if (!folder.ok) return folder;
  const opened = await openAuthority(authorityPaths(folder.value), clock);
  if (!opened.ok) return opened;
  const authority = opened.value;
  const notice = authority.expiryNotice(clock.wall());
  if (notice !== null) log.warning(notice);
  log.info(`certificates are signed by ${authority.name}; sluice ca says how to trust it`);
  const leaves = new LeafCertificates({ authority, clock });
  return ok({
    leafFor: (serverName, isKnownHost) => leaves.leafFor(serverName, isKnownHost),
    known: () => ({ authority: authority.certificate.toString(), leaves: [...leaves.known()] }),
  });
}
