/** The response of one exchange on its way to the client, in the form of its connection's protocol. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { BodyFraming, ResponseHead } from '../../http1/message-head.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { DateHeader } from './date-header.ts';

/** How the body of a response is known to end; `empty` is an answer of our own without one. */
export type ResponseFraming = BodyFraming['kind'] | 'empty';

/** What every response of a connection carries. */
export interface ResponseOptions {
  readonly settings: HttpSettings;
  readonly date: DateHeader;
}

/** Takes a response but for its end: the writer, or toxics before it. */
export interface ResponseOutput {
  head(status: number, headers: HeaderList, framing: ResponseFraming): void;
  /** The bytes are valid during the call only. */
  body(bytes: Buffer, start: number, end: number): void;
  /** A whole body as latin-1 text, announced with its length. */
  text(body: string): void;
}

export interface ResponseWriter extends ResponseOutput {
  /** The final head has been written: nothing but its body may follow. */
  readonly started: boolean;
  /** The connection ends after this response, where it carries one at a time. */
  close: boolean;
  informational(head: ResponseHead): void;
  end(trailers: HeaderList | null): void;
  switchingProtocols(head: ResponseHead): void;
}
