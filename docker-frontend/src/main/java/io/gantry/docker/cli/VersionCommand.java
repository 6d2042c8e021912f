package io.gantry.docker.cli;

import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.VersionRequest;
import io.gantry.proto.cri.v1.VersionResponse;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Names this program and the runtime that it talks to. */
@Command(name = "version", description = "Shows the versions of gantry and of its daemon.")
final class VersionCommand implements Callable<Integer> {
  private static final int TIMEOUT_SECONDS = 5;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "The daemon's CRI socket (default: ${DEFAULT-VALUE}).")
  private Path socket = Path.of("/run/gantry/gantry.sock");

  @Spec private CommandSpec spec;

  /** Exits 125 if the daemon does not answer; the program's own version is shown all the same. */
  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("Client: gantry %s%n", Installation.version());
    out.flush();
    try (RuntimeChannel channel = RuntimeChannel.open(socket)) {
      VersionResponse server =
          RuntimeServiceGrpc.newBlockingStub(channel.grpc())
              .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .version(VersionRequest.getDefaultInstance());
      out.printf(
          "Server: %s %s (CRI %s)%n",
          server.getRuntimeName(), server.getRuntimeVersion(), server.getRuntimeApiVersion());
      out.flush();
      return 0;
    } catch (StatusRuntimeException e) {
      spec.commandLine()
          .getErr()
          .printf(
              "gantry version: no runtime answers on %s: %s%n", socket, e.getStatus().getCode());
      return Gantry.OWN_FAULT;
    }
  }
}
