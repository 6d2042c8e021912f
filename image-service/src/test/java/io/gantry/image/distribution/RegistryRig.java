package io.gantry.image.distribution;

import io.gantry.image.distribution.access.Rule;
import io.gantry.image.distribution.wire.WireSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A registry on a free port, with small limits, that can be stopped and started again. */
final class RegistryRig implements AutoCloseable {

  static final int MANIFEST_LIMIT_BYTES = 4 << 20;
  static final long BLOB_LIMIT_BYTES = 8 << 20;

  private final Path root;
  RegistryStorage storage;
  Clock clock = Clock.systemUTC();
  Optional<Path> htpasswd = Optional.empty();
  List<Rule> rules = List.of();
  boolean readOnly;
  Optional<ServerSettings.Upstream> upstream = Optional.empty();
  int maxConnections = 32;
  Duration patience = Duration.ofSeconds(20);
  private RegistryServer server;

  RegistryRig(Path root) {
    this.root = root;
  }

  RegistryClientSide start() throws IOException {
    storage = RegistryStorage.alone(root);
    server =
        RegistryServer.start(
            storage,
            new ServerSettings(
                new WireSettings(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    Optional.empty(),
                    maxConnections,
                    patience),
                htpasswd,
                () -> rules,
                readOnly,
                upstream,
                BLOB_LIMIT_BYTES,
                MANIFEST_LIMIT_BYTES,
                Duration.ofHours(1)),
            clock);
    return client();
  }

  RegistryClientSide client() {
    return new RegistryClientSide(address());
  }

  InetSocketAddress address() {
    return server.address();
  }

  /** Everything on disk is as a kill would have left it. */
  RegistryClientSide restart() throws IOException {
    close();
    return start();
  }

  @Override
  public void close() {
    server.close();
  }
}
