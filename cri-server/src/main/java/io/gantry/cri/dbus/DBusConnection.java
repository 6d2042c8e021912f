package io.gantry.cri.dbus;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A connection to a peer or a bus. Thread-safe; calls may overlap. */
public final class DBusConnection implements AutoCloseable {
  private static final int MAX_AUTHENTICATION_LINE = 16_384;

  private final String name;
  private final SocketChannel channel;
  private final InputStream in;
  private final Listener listener;
  private final Object writing = new Object();

  private final Map<Integer, CompletableFuture<Message>> waiting =
      new HashMap<>(); // guarded by waiting
  private int lastSerial; // guarded by waiting
  private IOException ended; // guarded by waiting; null while the connection holds

  /** Hears what nobody has asked for. Called by the reading thread: must not block nor call. */
  public interface Listener {
    void heard(Signal signal);

    /** The connection ended, which nothing follows. */
    void ended(IOException why);
  }

  private DBusConnection(String name, SocketChannel channel, Listener listener) {
    this.name = name;
    this.channel = channel;
    this.in = Channels.newInputStream(channel);
    this.listener = listener;
  }

  /**
   * Connects and authenticates as the user that this process runs as. A bus wants to be told {@code
   * Hello} next.
   *
   * @throws IOException names the socket
   */
  public static DBusConnection open(Path socket, Listener listener) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      DBusConnection connection = new DBusConnection(socket.toString(), channel, listener);
      connection.authenticate();
      Thread reader = new Thread(connection::read, "dbus");
      reader.setDaemon(true);
      reader.start();
      return connection;
    } catch (IOException e) {
      channel.close();
      throw new IOException("connect to D-Bus at " + socket + ": " + e.getMessage(), e);
    }
  }

  /** The peer asks the kernel who we are: mechanism EXTERNAL. */
  private void authenticate() throws IOException {
    write("\0AUTH EXTERNAL\r\n".getBytes(StandardCharsets.US_ASCII));
    expect("DATA");
    write("DATA\r\n".getBytes(StandardCharsets.US_ASCII));
    expect("OK");
    write("BEGIN\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private void expect(String word) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < 2 || line.charAt(line.length() - 1) != '\n') {
      int next = in.read();
      if (next < 0 || line.length() > MAX_AUTHENTICATION_LINE) {
        throw new IOException("it ended the authentication after \"" + line + "\"");
      }
      line.append((char) next);
    }
    String said = line.toString().strip();
    if (!said.equals(word) && !said.startsWith(word + " ")) {
      throw new IOException("it refused the authentication: " + said);
    }
  }

  private void write(byte[] bytes) throws IOException {
    synchronized (writing) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }

  /**
   * Calls a method and waits for the answer.
   *
   * @return the answer's values, as in {@link Signal#body}
   * @throws DBusException if the peer refuses
   * @throws IOException if the connection is or gets lost, or no answer comes in time; whether the
   *     call was carried out is not known then
   */
  public List<Object> call(Call call, Duration limit) throws IOException, InterruptedException {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    int serial = register(answer);
    try {
      write(call.toMessage(serial));
      Message reply = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (reply.kind() == Message.ERROR) {
        boolean worded = !reply.body().isEmpty() && reply.body().get(0) instanceof String;
        throw new DBusException(reply.errorName(), worded ? (String) reply.body().get(0) : "");
      }
      return reply.body();
    } catch (ExecutionException e) {
      throw new IOException(what(call) + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(what(call) + "no answer within " + limit.toSeconds() + " s", e);
    } finally {
      synchronized (waiting) {
        waiting.remove(serial);
      }
    }
  }

  private static String what(Call call) {
    return "call " + call.method() + " of " + call.destination() + ": ";
  }

  private int register(CompletableFuture<Message> answer) throws IOException {
    synchronized (waiting) {
      if (ended != null) {
        throw ended;
      }
      lastSerial = lastSerial == Integer.MAX_VALUE ? 1 : lastSerial + 1;
      waiting.put(lastSerial, answer);
      return lastSerial;
    }
  }

  private void read() {
    IOException end = new IOException("the D-Bus connection to " + name + " ended");
    try {
      Message message = Message.read(in);
      while (message != null) {
        take(message);
        message = Message.read(in);
      }
    } catch (IOException | RuntimeException e) {
      end = new IOException(end.getMessage() + ": " + e.getMessage(), e);
    }
    finish(end);
  }

  private void take(Message message) {
    if (message.kind() == Message.SIGNAL) {
      listener.heard(
          new Signal(message.path(), message.interfaceName(), message.member(), message.body()));
      return;
    }
    CompletableFuture<Message> answer;
    synchronized (waiting) {
      answer = waiting.get(message.replySerial());
    }
    if (answer != null) {
      answer.complete(message);
    }
  }

  private void finish(IOException end) {
    List<CompletableFuture<Message>> left;
    synchronized (waiting) {
      if (ended != null) {
        return; // by close(), which the reading thread notices here
      }
      ended = end;
      left = List.copyOf(waiting.values());
    }
    left.forEach(each -> each.completeExceptionally(end));
    closeChannel();
    listener.ended(end);
  }

  /** Whether calls can still be made, as far as is known. */
  public boolean isOpen() {
    synchronized (waiting) {
      return ended == null;
    }
  }

  @Override
  public void close() {
    finish(new IOException("the D-Bus connection to " + name + " was closed"));
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing depends on it any more.
      return;
    }
  }
}
