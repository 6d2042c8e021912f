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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** SPDY/3 from the draft, byte by byte, as Kubernetes' clients speak it: no flow control. */
final class SpdyClient implements Closeable {
  static final int SYN_STREAM = 1;
  static final int SYN_REPLY = 2;
  static final int RST_STREAM = 3;
  static final int PING = 6;
  static final int GOAWAY = 7;
  private static final int FIN = 1;

  private final Closeable connection;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final Deflater deflater = new Deflater();
  private final Inflater inflater = new Inflater();
  private final Map<Integer, Received> streams = new LinkedHashMap<>();
  private int nextId = 1;

  /** What came on one stream so far. */
  static final class Received {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean replied;
    boolean ended;
    int resetStatus; // 0: none

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  /**
   * @param type of a control frame; 0 is data
   */
  record Frame(int type, int flags, int id, byte[] body) {
    boolean isLast() {
      return (flags & FIN) != 0;
    }

    int word(int at) {
      return java.nio.ByteBuffer.wrap(body).getInt(at);
    }
  }

  SpdyClient(InputStream in, OutputStream out, Closeable connection) throws IOException {
    this.in = new DataInputStream(in);
    this.out = new DataOutputStream(out);
    this.connection = connection;
    deflater.setDictionary(dictionary());
  }

  static byte[] dictionary() throws IOException {
    try (InputStream file = SpdyClient.class.getResourceAsStream("/streaming/spdy3-dictionary")) {
      return file.readAllBytes();
    }
  }

  /** Opens a stream with names and values in turn. */
  int open(String... headers) throws IOException {
    int id = nextId;
    nextId += 2;
    byte[] block = headerBlock(headers);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    DataOutputStream words = new DataOutputStream(body);
    words.writeInt(id);
    words.writeInt(0);
    words.writeShort(0);
    words.write(block);
    control(SYN_STREAM, 0, body.toByteArray());
    streams.put(id, new Received());
    return id;
  }

  private byte[] headerBlock(String... headers) throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    DataOutputStream words = new DataOutputStream(plain);
    words.writeInt(headers.length / 2);
    for (String each : headers) {
      byte[] bytes = each.getBytes(StandardCharsets.UTF_8);
      words.writeInt(bytes.length);
      words.write(bytes);
    }
    deflater.setInput(plain.toByteArray());
    byte[] packed = new byte[4096];
    int length = deflater.deflate(packed, 0, packed.length, Deflater.SYNC_FLUSH);
    return java.util.Arrays.copyOf(packed, length);
  }

  /** Begins to use ids again. */
  void repeatIds() {
    nextId = 1;
  }

  void data(int id, byte[] bytes) throws IOException {
    dataFrame(id, bytes, 0);
  }

  void data(int id, String text) throws IOException {
    data(id, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Half close. */
  void end(int id) throws IOException {
    dataFrame(id, new byte[0], FIN);
  }

  private synchronized void dataFrame(int id, byte[] bytes, int flags) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(); // one write: tunnels keep borders
    DataOutputStream words = new DataOutputStream(frame);
    words.writeInt(id);
    words.writeInt(flags << 24 | bytes.length);
    words.write(bytes);
    out.write(frame.toByteArray());
    out.flush();
  }

  void reset(int id, int status) throws IOException {
    control(RST_STREAM, 0, java.nio.ByteBuffer.allocate(8).putInt(id).putInt(status).array());
  }

  void ping(int id) throws IOException {
    control(PING, 0, java.nio.ByteBuffer.allocate(4).putInt(id).array());
  }

  private synchronized void control(int type, int flags, byte[] body) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream words = new DataOutputStream(frame);
    words.writeInt(0x80030000 | type);
    words.writeInt(flags << 24 | body.length);
    words.write(body);
    out.write(frame.toByteArray());
    out.flush();
  }

  /** How long a read waits, in milliseconds. */
  void patience(int ms) throws IOException {
    ((java.net.Socket) connection).setSoTimeout(ms);
  }

  Received stream(int id) {
    return streams.get(id);
  }

  /** Reads one frame and remembers what it says of its stream. */
  Frame read() throws IOException {
    int first = in.readInt();
    int second = in.readInt();
    byte[] body = new byte[second & 0xffffff];
    in.readFully(body);
    int flags = second >>> 24;
    if (first >= 0) {
      return noted(new Frame(0, flags, first, body));
    }
    if (first >>> 16 != 0x8003) {
      throw new IOException("not version 3: " + Integer.toHexString(first));
    }
    int id = body.length >= 4 ? java.nio.ByteBuffer.wrap(body).getInt() : 0;
    return noted(new Frame(first & 0xffff, flags, id, body));
  }

  private Frame noted(Frame frame) throws IOException {
    Received stream = streams.get(frame.id());
    switch (frame.type()) {
      case 0 -> {
        stream.bytes.write(frame.body());
        stream.ended |= frame.isLast();
      }
      case SYN_REPLY -> {
        stream.replied = true;
        inflate(frame.body());
      }
      case RST_STREAM -> stream.resetStatus = frame.word(4);
      default -> {}
    }
    return frame;
  }

  /** A client in Go cannot read a reply without at least a count of headers. */
  private void inflate(byte[] reply) throws IOException {
    byte[] plain = new byte[4096];
    try {
      inflater.setInput(reply, 4, reply.length - 4);
      int length = inflater.inflate(plain);
      if (length == 0 && inflater.needsDictionary()) {
        inflater.setDictionary(dictionary());
        length = inflater.inflate(plain);
      }
      if (length < 4) {
        throw new IOException("a header block of " + length + " bytes");
      }
    } catch (DataFormatException e) {
      throw new IOException(e);
    }
  }

  /** A condition on what has come. */
  interface Until {
    boolean holds();
  }

  void readUntil(Until condition) throws IOException {
    while (!condition.holds()) {
      read();
    }
  }

  /** Reads all there is, to the connection's end. */
  void readToEnd() throws IOException {
    try {
      while (true) {
        read();
      }
    } catch (EOFException e) {
      // The server has left, between two frames or it would be another exception.
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
