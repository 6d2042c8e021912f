package io.gantry.runtime.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gantry.proto.bootstrap.v1.BootstrapParams;
import io.gantry.proto.bootstrap.v1.BootstrapResult;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecException;
import io.gantry.runtime.oci.OciSpecReader;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code start} action: makes sure that a server runs for this container, or for the group it
 * belongs to, and prints its address in the words of the containerd that asks.
 */
final class StartAction {
  private static final Path SOCKET_DIRECTORY = Path.of("/run/containerd/s");
  private static final String GROUP_ANNOTATION = "io.containerd.runc.v2.group";
  private static final String SANDBOX_ANNOTATION = "io.kubernetes.cri.sandbox-id";

  private final ShimArguments arguments;
  private final ShimCommand command;
  private final Map<String, String> environment;
  private final Path bundle;

  StartAction(
      ShimArguments arguments, ShimCommand command, Map<String, String> environment, Path bundle) {
    this.arguments = arguments;
    this.command = command;
    this.environment = environment;
    this.bundle = bundle;
  }

  /**
   * Runs the action.
   *
   * @param stdin what the caller wrote: BootstrapParams since containerd 2.3, an Any with options
   *     or nothing before
   * @return what to print
   */
  byte[] run(byte[] stdin) throws IOException, InterruptedException {
    String id = arguments.required("id");
    Optional<BootstrapParams> params = parameters(stdin, id);
    Path directory =
        params
            .map(BootstrapParams::getSocketDir)
            .filter(dir -> !dir.isEmpty())
            .map(Path::of)
            .orElse(SOCKET_DIRECTORY);
    Path socket = directory.resolve(socketName(group(id)));
    if (!accepts(socket)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(socket);
      startServer(socket, id);
    }
    return answer("unix://" + socket, params.isPresent(), environment);
  }

  private static Optional<BootstrapParams> parameters(byte[] stdin, String id) {
    try {
      BootstrapParams params = BootstrapParams.parseFrom(stdin);
      // An Any of an older containerd may parse as well; the id tells them apart.
      return params.getInstanceId().equals(id) ? Optional.of(params) : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  /**
   * The answer in the words of the caller.
   *
   * @param bootstrap whether it has sent BootstrapParams
   */
  static byte[] answer(String address, boolean bootstrap, Map<String, String> environment) {
    if (bootstrap) {
      return BootstrapResult.newBuilder()
          .setVersion(3)
          .setAddress(address)
          .setProtocol("ttrpc")
          .build()
          .toByteArray();
    }
    // containerd before 1.7 knows nothing but the address; since then it says which versions it
    // knows.
    String text =
        environment.containsKey("MAX_SHIM_VERSION")
            ? "{\"version\":2,\"address\":\"" + address + "\",\"protocol\":\"ttrpc\"}"
            : address;
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String group(String id) throws IOException {
    Path config = bundle.resolve("config.json");
    if (!Files.exists(config)) {
      return id;
    }
    OciSpec spec;
    try {
      spec = OciSpecReader.read(config);
    } catch (OciSpecException e) {
      throw new IOException("read " + config + ": " + e.getMessage(), e);
    }
    String sandbox = spec.annotations().getOrDefault(SANDBOX_ANNOTATION, id);
    return spec.annotations().getOrDefault(GROUP_ANNOTATION, sandbox);
  }

  private String socketName(String group) {
    String joined =
        String.join("/", arguments.flag("address"), arguments.required("namespace"), group);
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(joined.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static boolean accepts(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      // A socket that nobody listens on is a dead shim's.
      return false;
    }
  }

  private void startServer(Path socket, String id) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            command.server(socket, arguments.required("namespace"), id, Optional.empty()));
    builder.directory(bundle.toFile());
    builder.redirectInput(new File("/dev/null"));
    Path log = bundle.resolve("log");
    builder.redirectError(Files.exists(log) ? log.toFile() : new File("/dev/null"));
    ShimCommand.ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
    Process server = builder.start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
      if (!ShimCommand.READY.equals(out.readLine())) {
        throw new IOException("start shim for " + id + ": it ended with code " + server.waitFor());
      }
    }
  }
}
