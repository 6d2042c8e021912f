package io.gantry.cri.dbus;

/**
 * A call of a method.
 *
 * @param destination the peer's name on a bus
 * @param path of the object
 * @param signature of the arguments; empty if there are none
 * @param arguments writes them
 */
public record Call(
    String destination,
    String path,
    String interfaceName,
    String method,
    String signature,
    Encoder.Elements arguments) {

  /** A call without arguments. */
  public static Call plain(String destination, String path, String interfaceName, String method) {
    return new Call(destination, path, interfaceName, method, "", out -> {});
  }

  /** What is sent. */
  byte[] toMessage(int serial) {
    Encoder body = new Encoder();
    arguments.writeTo(body);
    Encoder message = new Encoder();
    message.octet('l').octet(Message.METHOD_CALL).octet(0).octet(Message.VERSION);
    message.uint32(body.length()).uint32(serial);
    message.array(8, this::writeFields);
    return message.align(8).raw(body.toBytes()).toBytes();
  }

  private void writeFields(Encoder fields) {
    field(fields, Message.PATH, "o", path);
    field(fields, Message.INTERFACE, "s", interfaceName);
    field(fields, Message.MEMBER, "s", method);
    field(fields, Message.DESTINATION, "s", destination);
    if (!signature.isEmpty()) {
      fields.struct().octet(Message.SIGNATURE).signature("g").signature(signature);
    }
  }

  private static void field(Encoder fields, int code, String type, String value) {
    fields.struct().octet(code).signature(type).string(value);
  }
}
