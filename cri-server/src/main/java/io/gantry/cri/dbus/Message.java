package io.gantry.cri.dbus;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A message that was received (D-Bus Specification, "Message Format"). Fields that it lacks are
 * empty, or zero.
 *
 * @param kind {@link #METHOD_RETURN}, {@link #ERROR}, {@link #SIGNAL} or another
 * @param body one value for each complete type of its signature
 */
record Message(
    int kind,
    int replySerial,
    String path,
    String interfaceName,
    String member,
    String errorName,
    List<Object> body) {
  static final int METHOD_CALL = 1;
  static final int METHOD_RETURN = 2;
  static final int ERROR = 3;
  static final int SIGNAL = 4;
  static final int VERSION = 1;

  static final int PATH = 1;
  static final int INTERFACE = 2;
  static final int MEMBER = 3;
  static final int ERROR_NAME = 4;
  static final int REPLY_SERIAL = 5;
  static final int DESTINATION = 6;
  static final int SIGNATURE = 8;

  private static final int FIXED_BYTES = 16;

  /**
   * The specification allows 128 MiB; what is asked for here is answered in a few hundred bytes.
   */
  private static final int MAX_BYTES = 16 << 20;

  /**
   * The next message.
   *
   * @return null at the end of the stream
   * @throws IOException if what comes is no message
   */
  static Message read(InputStream in) throws IOException {
    byte[] fixed = in.readNBytes(FIXED_BYTES);
    if (fixed.length == 0) {
      return null;
    }
    if (fixed.length < FIXED_BYTES || fixed[0] != 'l' && fixed[0] != 'B' || fixed[3] != VERSION) {
      throw new IOException("what came is no D-Bus message");
    }
    ByteOrder order = fixed[0] == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteBuffer head = ByteBuffer.wrap(fixed).order(order);
    long bodyLength = Integer.toUnsignedLong(head.getInt(4));
    long fieldsLength = Integer.toUnsignedLong(head.getInt(12));
    long padded = fieldsLength + 7 & ~7L;
    if (padded + bodyLength > MAX_BYTES) {
      throw new IOException("D-Bus message of " + (padded + bodyLength) + " bytes is too large");
    }
    byte[] fields = new byte[FIXED_BYTES + (int) padded];
    System.arraycopy(fixed, 0, fields, 0, FIXED_BYTES);
    byte[] rest = in.readNBytes((int) (padded + bodyLength));
    if (rest.length < padded + bodyLength) {
      throw new IOException("the connection ended within a D-Bus message");
    }
    System.arraycopy(rest, 0, fields, FIXED_BYTES, (int) padded);
    Decoder header = new Decoder(fields, 0, order);
    // The fixed part is y y y y u u; the array of fields follows with its length.
    Object all = header.values("yyyyuua(yv)").get(6);
    return of(fixed[1], (List<?>) all, new Decoder(rest, (int) padded, order));
  }

  private static Message of(int kind, List<?> fields, Decoder body) throws IOException {
    Object[] byCode = new Object[SIGNATURE + 1];
    for (Object each : fields) {
      List<?> field = (List<?>) each;
      int code = (Integer) field.get(0);
      if (code < byCode.length) {
        byCode[code] = field.get(1);
      }
    }
    String signature = text(byCode[SIGNATURE]);
    return new Message(
        kind,
        byCode[REPLY_SERIAL] instanceof Integer serial ? serial : 0,
        text(byCode[PATH]),
        text(byCode[INTERFACE]),
        text(byCode[MEMBER]),
        text(byCode[ERROR_NAME]),
        body.values(signature));
  }

  private static String text(Object field) {
    return field instanceof String text ? text : "";
  }
}
