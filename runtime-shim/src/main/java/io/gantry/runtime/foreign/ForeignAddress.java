package io.gantry.runtime.foreign;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.InvalidProtocolBufferException;
import io.gantry.proto.bootstrap.v1.BootstrapResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where a shim listens, and what it speaks there.
 *
 * @param version of the Task API: 2 or 3
 */
record ForeignAddress(Path socket, int version) {
  private static final String SCHEME = "unix://";

  /**
   * Reads what the {@code start} action prints: a BootstrapResult since containerd 2.3, JSON since
   * 1.7, the bare address before, which means version 2.
   *
   * @throws IOException if it is none of these, or names what gantry cannot connect to
   */
  static ForeignAddress parse(byte[] printed) throws IOException {
    try {
      BootstrapResult result = BootstrapResult.parseFrom(printed);
      if (result.getVersion() > 0 && !result.getAddress().isEmpty()) {
        return of(result.getAddress(), result.getVersion(), result.getProtocol());
      }
    } catch (InvalidProtocolBufferException e) {
      // It is one of the older forms.
    }
    String text = new String(printed, StandardCharsets.UTF_8).strip();
    return text.startsWith("{") ? parseJson(text) : of(text, 2, "");
  }

  private static ForeignAddress parseJson(String text) throws IOException {
    String address = "";
    String protocol = "";
    int version = 0;
    try (JsonParser json = new JsonFactory().createParser(text)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "address" -> address = json.getText();
          case "protocol" -> protocol = json.getText();
          case "version" -> version = json.getIntValue();
          default -> json.skipChildren();
        }
      }
    }
    return of(address, version, protocol);
  }

  private static ForeignAddress of(String address, int version, String protocol)
      throws IOException {
    if (version != 2 && version != 3) {
      throw new IOException("version " + version + " of the Task API is not known");
    }
    if (!protocol.isEmpty() && !protocol.equals("ttrpc")) {
      throw new IOException("it speaks " + protocol + "; only ttrpc is known");
    }
    if (!address.startsWith(SCHEME + "/")) {
      // Abstract sockets, which have no scheme, and those of virtual machines are out of Java's
      // reach.
      throw new IOException("its address is \"" + address + "\"; only unix:///PATH is known");
    }
    return new ForeignAddress(Path.of(address.substring(SCHEME.length())), version);
  }

  /** The Task service's full name. */
  String service() {
    return "containerd.task.v" + version + ".Task";
  }

  @Override
  public String toString() {
    return SCHEME + socket;
  }
}
