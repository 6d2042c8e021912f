package io.gantry.cri.names;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** The servers that the machine asks for names: resolv.conf(5), read again as it may change. */
public final class MachineServers implements Supplier<List<InetSocketAddress>> {
  private static final int PORT = 53;
  private static final long FRESH_NANOS = 5_000_000_000L;
  private static final String WORD = "nameserver";

  private final Path file;
  private volatile Read last = new Read(List.of(), System.nanoTime() - FRESH_NANOS);

  private record Read(List<InetSocketAddress> servers, long at) {}

  public MachineServers(Path file) {
    this.file = file;
  }

  @Override
  public List<InetSocketAddress> get() {
    Read known = last;
    if (System.nanoTime() - known.at() >= FRESH_NANOS) {
      known = new Read(read(), System.nanoTime());
      last = known;
    }
    return known.servers();
  }

  private List<InetSocketAddress> read() {
    try {
      return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return List.of();
    }
  }

  static List<InetSocketAddress> parse(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith(WORD))
        .map(line -> line.substring(WORD.length()).strip())
        .filter(InetAddresses::isInetAddress)
        .map(address -> new InetSocketAddress(InetAddresses.forString(address), PORT))
        .limit(3) // MAXNS of resolv.h
        .toList();
  }
}
