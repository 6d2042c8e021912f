package io.gantry.runtime.ttrpc;

/**
 * One frame: a ten-byte header (payload length and stream id big endian, type, flags) and the
 * payload.
 *
 * @param oversized the payload was longer than the limit and has been skipped; {@code payload} is
 *     empty then
 */
record Frame(int streamId, byte type, byte flags, byte[] payload, boolean oversized) {
  static final int HEADER_BYTES = 10;

  /** The protocol's own limit; both sides may set a lower one for what they accept. */
  static final int MAX_PAYLOAD_BYTES = 4 << 20;

  static final byte REQUEST = 1;
  static final byte RESPONSE = 2;
  static final byte DATA = 3;

  static final byte FLAG_REMOTE_CLOSED = 1;
  static final byte FLAG_REMOTE_OPEN = 2;
  static final byte FLAG_NO_DATA = 4;

  private static final byte[] NOTHING = {};

  static Frame request(int streamId, int flags, byte[] payload) {
    return new Frame(streamId, REQUEST, (byte) flags, payload, false);
  }

  static Frame response(int streamId, byte[] payload) {
    return new Frame(streamId, RESPONSE, (byte) 0, payload, false);
  }

  static Frame data(int streamId, byte[] payload) {
    return new Frame(streamId, DATA, (byte) 0, payload, false);
  }

  /** The sender has nothing more to say on this stream. */
  static Frame halfClose(int streamId) {
    return new Frame(streamId, DATA, (byte) (FLAG_REMOTE_CLOSED | FLAG_NO_DATA), NOTHING, false);
  }

  static Frame tooLong(int streamId, byte type, byte flags) {
    return new Frame(streamId, type, flags, NOTHING, true);
  }

  boolean has(byte flag) {
    return (flags & flag) != 0;
  }
}
