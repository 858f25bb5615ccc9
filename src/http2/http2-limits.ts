/** Every limit that an HTTP/2 session keeps: what a peer may make it hold, send or do. */

export interface Http2Limits {
  /**
   * Names and values of one header block, each field counted with 32 bytes more (RFC 9113,
   * section 6.5.2). Envoy max_request_headers_kb 60. Over: the message is malformed.
   */
  readonly headerBlockBytes: number;
  /**
   * Fields of one header block, pseudo-header fields with them; cookies, which clients may split,
   * are left out. Envoy max_headers_count 100. Over: the message is malformed.
   */
  readonly headerCount: number;
  /** CONTINUATION frames of one header block. Over: ENHANCE_YOUR_CALM ends the connection. */
  readonly continuationFrames: number;
  /** HPACK dynamic table of what is received (SETTINGS_HEADER_TABLE_SIZE). Envoy 4096. */
  readonly headerTableBytes: number;
  /**
   * Streams that the peer may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS). Envoy
   * max_concurrent_streams 1024. Over: the stream is refused.
   */
  readonly maxConcurrentStreams: number;
  /** The peer may send so much on a stream before it is allowed more (its initial window). */
  readonly streamWindowBytes: number;
  /** The same for all streams together; at least 65,535, which RFC 9113 begins with. */
  readonly connectionWindowBytes: number;
  /**
   * Received bytes that paused streams hold together, before the connection's window is no longer
   * refilled. Until then a stream that is slow holds up no other.
   */
  readonly heldBytes: number;
  /** Payload of a frame that the peer may send; 16,384 is the least there is. */
  readonly frameBytes: number;
  /** Own bytes that the output has not taken; with more, no DATA is sent. */
  readonly outputBytes: number;
  /** `onDrain` comes when a stream has had more than this queued, and has it no longer. */
  readonly drainMarkBytes: number;
  /** Frames other than DATA that the output has not taken. Envoy max_outbound_control_frames. */
  readonly queuedControlFrames: number;
  /** Frames of any kind that the output has not taken. Envoy max_outbound_frames. */
  readonly queuedFrames: number;
  /**
   * Bytes that the output has not taken, more than any that reads its answers lets wait. DATA stops
   * at `outputBytes`; heads, which need no window, go beyond it. Over: ENHANCE_YOUR_CALM.
   */
  readonly queuedBytes: number;
  /**
   * DATA, HEADERS and CONTINUATION frames in a row that carry nothing and end nothing. Envoy
   * max_consecutive_inbound_frames_with_empty_payload.
   */
  readonly emptyFrames: number;
  /**
   * PRIORITY frames, frames of unknown types, and acknowledgements of nothing, for each stream that
   * was opened, and as many again. Envoy max_inbound_priority_frames_per_stream.
   */
  readonly ignoredFramesPerStream: number;
  /** Envoy max_inbound_window_update_frames_per_data_frame_sent, by the same formula. */
  readonly windowUpdatesPerDataFrame: number;
  /**
   * The connection ends when, of so many streams that have ended, half were reset early, requests
   * that are malformed among them. Envoy
   * overload.premature_reset_total_stream_count.
   */
  readonly prematureResets: number;
  /** A stream reset within this time was reset early; milliseconds. */
  readonly prematureResetMs: number;
  /**
   * Header blocks, and frames of any kind, that are looked at in a turn of the event loop. Over:
   * the session keeps the others until its owner says `goOn`.
   */
  readonly headsPerTurn: number;
  readonly framesPerTurn: number;
}

/** As good as none, for peers that are trusted not to send too much at once. */
const unlimited = 2 ** 30;

export const defaultHttp2Limits: Http2Limits = {
  headerBlockBytes: 60 * 1024,
  headerCount: 100,
  continuationFrames: 8,
  headerTableBytes: 4096,
  maxConcurrentStreams: 1024,
  streamWindowBytes: 256 * 1024,
  connectionWindowBytes: 1024 * 1024,
  heldBytes: 16 * 1024 * 1024,
  frameBytes: 16 * 1024,
  outputBytes: 64 * 1024,
  drainMarkBytes: 16 * 1024,
  queuedControlFrames: 1000,
  queuedFrames: 10_000,
  queuedBytes: 16 * 1024 * 1024,
  emptyFrames: 1,
  ignoredFramesPerStream: 100,
  windowUpdatesPerDataFrame: 10,
  prematureResets: 500,
  prematureResetMs: 1000,
  headsPerTurn: unlimited,
  framesPerTurn: unlimited,
};
