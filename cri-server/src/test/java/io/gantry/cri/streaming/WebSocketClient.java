package io.gantry.cri.streaming;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** WebSocket from RFC 6455, frame by frame. */
final class WebSocketClient implements Closeable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final byte[] MASK = {1, 2, 3, 4};

  final HttpUpgrade upgrade;
  private final DataInputStream in;
  private final OutputStream out;

  record Frame(int opcode, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private WebSocketClient(HttpUpgrade upgrade) throws IOException {
    this.upgrade = upgrade;
    this.in = new DataInputStream(upgrade.socket.getInputStream());
    this.out = upgrade.socket.getOutputStream();
  }

  static HttpUpgrade ask(String url, String... protocols) throws IOException {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    if (protocols.length > 0) {
      lines.add("Sec-WebSocket-Protocol: " + String.join(", ", protocols));
    }
    return HttpUpgrade.send(url, "GET", lines.toArray(new String[0]));
  }

  static WebSocketClient connect(String url, String... protocols) throws IOException {
    HttpUpgrade upgrade = ask(url, protocols);
    if (upgrade.status() != 101) {
      throw new IOException(upgrade.statusLine);
    }
    return new WebSocketClient(upgrade);
  }

  synchronized void frame(int opcode, boolean last, byte[] body) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream words = new DataOutputStream(frame);
    words.writeByte((last ? 0x80 : 0) | opcode);
    if (body.length < 126) {
      words.writeByte(0x80 | body.length);
    } else {
      words.writeByte(0x80 | 127);
      words.writeLong(body.length);
    }
    words.write(MASK);
    for (int i = 0; i < body.length; i++) {
      words.writeByte(body[i] ^ MASK[i % 4]);
    }
    out.write(frame.toByteArray());
    out.flush();
  }

  void binary(int channel, byte[] bytes) throws IOException {
    byte[] body = new byte[bytes.length + 1];
    body[0] = (byte) channel;
    System.arraycopy(bytes, 0, body, 1, bytes.length);
    frame(BINARY, true, body);
  }

  void binary(int channel, String text) throws IOException {
    binary(channel, text.getBytes(StandardCharsets.UTF_8));
  }

  Frame read() throws IOException {
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = (int) in.readLong();
    }
    byte[] body = new byte[length];
    in.readFully(body);
    if ((first & 0x80) == 0) {
      throw new IOException("the server sends whole messages");
    }
    return new Frame(first & 0xf, body);
  }

  /** All that comes on a channel in binary messages, to the server's goodbye. */
  String channel(int number) throws IOException {
    return channels(5)[number].toString(StandardCharsets.UTF_8);
  }

  ByteArrayOutputStream[] channels(int count) throws IOException {
    ByteArrayOutputStream[] all = new ByteArrayOutputStream[count];
    for (int i = 0; i < count; i++) {
      all[i] = new ByteArrayOutputStream();
    }
    for (Frame frame = read(); frame.opcode() != CLOSE; frame = read()) {
      all[frame.body()[0]].write(frame.body(), 1, frame.body().length - 1);
    }
    return all;
  }

  /** Bytes in binary messages whose borders mean nothing. */
  SpdyClient tunnel() throws IOException {
    InputStream bytes =
        new InputStream() {
          private byte[] message = new byte[0];
          private int at;

          @Override
          public int read() throws IOException {
            while (at == message.length) {
              Frame frame;
              try {
                frame = WebSocketClient.this.read();
              } catch (EOFException e) {
                return -1;
              }
              if (frame.opcode() == CLOSE) {
                return -1;
              }
              message = frame.opcode() == BINARY ? frame.body() : new byte[0];
              at = 0;
            }
            return message[at++] & 0xff;
          }
        };
    OutputStream messages =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
          }

          @Override
          public void write(byte[] all, int from, int length) throws IOException {
            frame(BINARY, true, java.util.Arrays.copyOfRange(all, from, from + length));
          }
        };
    return new SpdyClient(bytes, messages, this);
  }

  @Override
  public void close() throws IOException {
    upgrade.close();
  }
}
