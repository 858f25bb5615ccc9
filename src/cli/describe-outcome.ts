/** What becomes of an explained request, in one line. */

import type { ExplainedTarget } from '../explain/explained-target.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Style } from './color.ts';

export interface DescribedOutcome {
  readonly text: string;
  readonly style: Style;
}

export function describeOutcome(explanation: Explanation): DescribedOutcome {
  const { outcome, location, matched } = explanation;
  switch (outcome) {
    case 'forwarded':
      return describeForward(explanation);
    case 'redirected':
      return good(`is redirected with ${matched?.status ?? ''} to ${location}`);
    case 'redirected-to-https':
      return good(`is redirected with 301 to ${location}: the virtual host asks for TLS`);
    case 'answered':
      return good(`is answered with ${matched?.status ?? ''} by its route`);
    case 'not-found':
      return bad('is answered with 404, flag NR: no route takes it');
    case 'handshake-failed':
      return bad('is never sent: the handshake of TLS fails');
    default:
      return bad('is refused with 400: its path cannot be normalised');
  }
}

/** A share may go where nothing can answer. */
function describeForward({ targets }: Explanation): DescribedOutcome {
  const lost = targets.filter((target) => !mayAnswer(target));
  if (lost.length === 0) return good('is forwarded');
  if (lost.length < targets.length) {
    const percent = lost.reduce((sum, target) => sum + target.percent, 0);
    const share = `${Math.round(percent * 100) / 100} %`;
    return { text: `is forwarded, but ${share} goes where no endpoint is`, style: 'yellow' };
  }
  const one = targets.length === 1;
  if (lost.some(({ exists }) => exists)) {
    return bad(`gets no answer: its ${one ? 'cluster has' : 'clusters have'} no endpoints`);
  }
  return bad(`gets no answer: its ${one ? 'cluster does' : 'clusters do'} not exist`);
}

function mayAnswer({ exists, endpoints, names, discovery }: ExplainedTarget): boolean {
  return exists && (discovery === 'original-dst' || endpoints.length > 0 || names.length > 0);
}

function good(text: string): DescribedOutcome {
  return { text, style: 'green' };
}

function bad(text: string): DescribedOutcome {
  return { text, style: 'red' };
}
