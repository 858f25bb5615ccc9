/** What becomes of an explained request or connection, in one line. */

import type { ConnectionExplanation } from '../../explain/connection-explanation.ts';
import type { FaultDescription } from '../../explain/descriptions.ts';
import type { ExplainedCluster } from '../../explain/explained-target.ts';
import type { Explanation } from '../../explain/explanation.ts';
import { authorityChar, isAll } from '../../http1/char-table.ts';
import type { Style } from '../output/color.ts';

export interface DescribedOutcome {
  readonly text: string;
  readonly style: Style;
}

export function describeOutcome(explanation: Explanation): DescribedOutcome {
  const { outcome, location, matched, targets, refusal } = explanation;
  switch (outcome) {
    case 'forwarded':
      return withFault(
        describeForward(targets, { good: 'is forwarded', lost: 'is answered with 503' }),
        matched?.fault ?? null,
      );
    case 'cluster-not-found':
      return withFault(bad(withoutCluster(explanation)), matched?.fault ?? null);
    case 'redirected':
      return good(`is redirected with ${matched?.status ?? ''} to ${location}`);
    case 'redirected-to-https':
      return good(`is redirected with 301 to ${location}: the virtual host asks for TLS`);
    case 'answered':
      return good(`is answered with ${matched?.status ?? ''} by its route`);
    case 'not-found':
      return bad('is answered with 404, flag NR: no route takes it');
    case 'denied':
      return bad(`is refused with ${refusal?.status ?? 403}: ${refusal?.reason ?? ''}`);
    case 'handshake-failed':
      return bad('is never sent: the handshake of TLS fails');
    case 'no-certificate':
      return bad(`is never sent: the connection is closed, ${tlsReason(explanation)}`);
    default:
      return bad(`is refused with 400: ${whyRefused(explanation)}`);
  }
}

function withoutCluster({ status, targets }: Explanation): string {
  const which = targets.length === 1 ? 'its cluster does' : 'its clusters do';
  return `is answered with ${status ?? 503}, flag NC: ${which} not exist`;
}

function tlsReason({ tls }: Pick<Explanation, 'tls'>): string {
  const { missingCertificates = [] } = tls ?? {};
  const what = missingCertificates.join(' and ');
  return what === '' ? 'TLS has no certificate to show' : `the certificate ${what} is missing`;
}

function whyRefused({ request: { authority } }: Explanation): string {
  return isAll(authority, authorityChar)
    ? 'its path cannot be normalised'
    : 'its host has characters that no host has';
}

export function describeConnectionOutcome(explanation: ConnectionExplanation): DescribedOutcome {
  const { outcome, targets, originalDestination } = explanation;
  switch (outcome) {
    case 'forwarded': {
      const isNowhere = targets.every(({ discovery }) => discovery === 'original-dst');
      if (isNowhere && originalDestination === null) {
        return bad(
          'is closed: nothing tells where it wants to go, and its cluster has no endpoints',
        );
      }
      return describeForward(targets, { good: 'is passed on', lost: 'is closed' });
    }
    case 'http':
      return good('is read as HTTP: ask for a request, with METHOD and URL');
    case 'closed':
      return bad('is closed, flag NR: no filter chain takes it');
    case 'no-certificate':
      return bad(`is closed: ${tlsReason(explanation)}`);
    default:
      return bad('is closed in the handshake of TLS');
  }
}

interface Words {
  readonly good: string;
  readonly lost: string;
}

/** Aborts come before any cluster is asked. */
function withFault(forward: DescribedOutcome, fault: FaultDescription | null): DescribedOutcome {
  if (fault === null || fault.abortPercent === 0) return forward;
  const { abortStatus, abortGrpcStatus, abortPercent } = fault;
  const status = abortStatus === null ? `grpc-status ${abortGrpcStatus}` : String(abortStatus);
  const text =
    abortPercent === 100
      ? `is answered with ${status} by the fault of its route`
      : `${forward.text}, but for ${abortPercent} % that a fault answers with ${status}`;
  return { text, style: forward.style === 'red' ? 'red' : 'yellow' };
}

/** A share may go where nothing can answer. */
function describeForward(targets: readonly ExplainedCluster[], words: Words): DescribedOutcome {
  const lost = targets.filter((target) => !mayAnswer(target));
  if (lost.length === 0) return good(words.good);
  if (lost.length < targets.length) {
    const percent = lost.reduce((sum, target) => sum + target.percent, 0);
    const share = `${Math.round(percent * 100) / 100} %`;
    return { text: `${words.good}, but ${share} goes where no endpoint is`, style: 'yellow' };
  }
  const one = targets.length === 1;
  if (lost.some(({ exists }) => exists)) {
    return bad(`${words.lost}: its ${one ? 'cluster has' : 'clusters have'} no endpoints`);
  }
  return bad(`${words.lost}: its ${one ? 'cluster does' : 'clusters do'} not exist`);
}

function mayAnswer({ exists, endpoints, names, discovery }: ExplainedCluster): boolean {
  return exists && (discovery === 'original-dst' || endpoints.length > 0 || names.length > 0);
}

function good(text: string): DescribedOutcome {
  return { text, style: 'green' };
}

function bad(text: string): DescribedOutcome {
  return { text, style: 'red' };
}
