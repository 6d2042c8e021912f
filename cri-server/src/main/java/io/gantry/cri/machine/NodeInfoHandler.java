package io.gantry.cri.machine;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.v1.NodeInfo;
import io.gantry.proto.v1.NodeInfoRequest;
import io.gantry.runtime.linux.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Node.Info. */
public final class NodeInfoHandler implements Handler<NodeInfoRequest, NodeInfo> {
  private static final List<Path> RELEASES =
      List.of(Path.of("/etc/os-release"), Path.of("/usr/lib/os-release"));

  private final NodeInfo lasting;
  private final Host host;
  private final Supplier<List<String>> handlers;

  /**
   * @param lasting what stays as long as the daemon runs
   * @param handlers the names of runtime handlers now, the default one first
   */
  public NodeInfoHandler(NodeInfo lasting, Host host, Supplier<List<String>> handlers) {
    this.lasting = lasting;
    this.host = host;
    this.handlers = handlers;
  }

  @Override
  public NodeInfo handle(NodeInfoRequest request) throws IOException {
    return lasting.toBuilder()
        .setHostname(host.hostName())
        .setProcessors(Runtime.getRuntime().availableProcessors())
        .addAllHandlers(handlers.get())
        .build();
  }

  /** How the operating system calls itself; see os-release(5). */
  public static String operatingSystem() throws IOException {
    for (Path release : RELEASES) {
      if (Files.isRegularFile(release)) {
        Optional<String> name =
            Files.readAllLines(release).stream()
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .map(
                    line -> line.substring("PRETTY_NAME=".length()).replaceAll("^[\"']|[\"']$", ""))
                .findFirst();
        if (name.isPresent()) {
          return name.get();
        }
      }
    }
    return "Linux";
  }
}
