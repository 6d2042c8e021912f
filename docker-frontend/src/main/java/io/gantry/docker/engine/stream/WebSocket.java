package io.gantry.docker.engine.stream;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Hijacked;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The server's side of a WebSocket (RFC 6455) whose messages are just bytes in their order. */
public final class WebSocket {
  private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int FINAL = 0x80;
  private static final long LARGEST = 1 << 20;

  private WebSocket() {}

  /**
   * Takes the connection from HTTP.
   *
   * @throws EngineException if the request asks for no WebSocket
   */
  public static Hijacked accept(Exchange exchange) throws EngineException, IOException {
    String key = exchange.request().header("Sec-WebSocket-Key").orElse("");
    boolean asked = exchange.request().header("Upgrade").orElse("").equalsIgnoreCase("websocket");
    if (!asked || key.isEmpty()) {
      throw EngineException.badRequest("this endpoint is a WebSocket: the request asks for none");
    }
    Hijacked raw = exchange.upgrade("websocket", "Sec-WebSocket-Accept: " + answerTo(key));
    Output output = new Output(raw.output());
    return new Hijacked() {
      private final InputStream input = new Input(new DataInputStream(raw.input()), output);

      @Override
      public InputStream input() {
        return input;
      }

      @Override
      public OutputStream output() {
        return output;
      }

      @Override
      public void close() {
        try {
          output.frame(CLOSE, new byte[] {0x03, (byte) 0xe8}); // 1000: a normal end
        } catch (IOException e) {
          // The client has gone first.
        }
        raw.close();
      }
    };
  }

  static String answerTo(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Output extends OutputStream {
    private final OutputStream raw;

    Output(OutputStream raw) {
      this.raw = raw;
    }

    @Override
    public void write(int octet) throws IOException {
      frame(BINARY, new byte[] {(byte) octet});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      frame(BINARY, java.util.Arrays.copyOfRange(bytes, offset, offset + length));
    }

    synchronized void frame(int kind, byte[] bytes) throws IOException {
      ByteBuffer head = ByteBuffer.allocate(10 + bytes.length);
      head.put((byte) (FINAL | kind));
      if (bytes.length < 126) {
        head.put((byte) bytes.length);
      } else if (bytes.length < 65536) {
        head.put((byte) 126).putShort((short) bytes.length);
      } else {
        head.put((byte) 127).putLong(bytes.length);
      }
      head.put(bytes);
      raw.write(head.array(), 0, head.position());
    }
  }

  private static final class Input extends InputStream {
    private final DataInputStream raw;
    private final Output answers;
    private byte[] message = {};
    private int next;

    Input(DataInputStream raw, Output answers) {
      this.raw = raw;
      this.answers = answers;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      while (next == message.length) {
        if (!nextMessage()) {
          return -1;
        }
      }
      int count = Math.min(length, message.length - next);
      System.arraycopy(message, next, into, offset, count);
      next += count;
      return count;
    }

    private boolean nextMessage() throws IOException {
      int first;
      try {
        first = raw.readUnsignedByte();
      } catch (EOFException e) {
        return false;
      }
      int second = raw.readUnsignedByte();
      long length = second & 0x7f;
      if (length == 126) {
        length = raw.readUnsignedShort();
      } else if (length == 127) {
        length = raw.readLong();
      }
      if (length < 0 || length > LARGEST) {
        throw new IOException("a WebSocket frame of " + length + " bytes");
      }
      byte[] mask = new byte[4];
      if ((second & 0x80) != 0) {
        raw.readFully(mask);
      }
      byte[] bytes = new byte[(int) length];
      raw.readFully(bytes);
      for (int index = 0; index < bytes.length; index++) {
        bytes[index] ^= mask[index % 4];
      }
      int kind = first & 0x0f;
      if (kind == CLOSE) {
        return false;
      }
      if (kind == PING) {
        answers.frame(PONG, bytes);
      } else if (kind != PONG) {
        message = bytes;
        next = 0;
      }
      return true;
    }
  }
}
