package io.gantry.docker.check;

import io.gantry.proto.v1.CheckFinding;
import io.gantry.proto.v1.CheckRequest;
import io.gantry.proto.v1.ImagesGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks the images: by the daemon, or where none answers by its program. */
@Command(
    name = "gantry system fsck",
    mixinStandardHelpOptions = true,
    description = "Verifies every blob, layer and record of the images on this machine.")
public final class StoreCheck implements Callable<Integer> {
  private static final int NOT_SOUND = 1;

  /** What docker exits with when the fault is not a container's. */
  private static final int OWN_FAULT = 125;

  private final Path home;

  @Option(
      names = "--repair",
      description =
          "Sets damaged ones aside, and fetches from their registries or makes them again.")
  private boolean repair;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "The daemon's CRI socket (default: ${DEFAULT-VALUE}).")
  private Path socket = Path.of("/run/gantry/gantry.sock");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The daemon's configuration, used when no daemon runs.")
  private Path config;

  @Spec private CommandSpec spec;

  private StoreCheck(Path home) {
    this.home = home;
  }

  /** Exits as {@link #call} says. */
  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new StoreCheck(Path.of(System.getProperty("gantry.home"))));
    line.getCommandSpec().exitCodeOnInvalidInput(OWN_FAULT).exitCodeOnExecutionException(OWN_FAULT);
    System.exit(line.execute(arguments));
  }

  /** Exits 0 if everything is sound, or is now; 1 if something is not; 125 if nobody can check. */
  @Override
  public Integer call() throws IOException, InterruptedException {
    try (RuntimeChannel channel = RuntimeChannel.open(socket)) {
      return show(
          ImagesGrpc.newBlockingStub(channel.grpc())
              .check(CheckRequest.newBuilder().setRepair(repair).build()));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
        return withoutDaemon();
      }
      return failed("the daemon on " + socket + " cannot check: " + e.getStatus().getDescription());
    }
  }

  private int show(Iterator<CheckFinding> findings) {
    PrintWriter out = spec.commandLine().getOut();
    long repaired = 0;
    while (findings.hasNext()) {
      CheckFinding finding = findings.next();
      if (finding.getKind() == CheckFinding.Kind.SUMMARY) {
        out.printf(
            "%d blobs, layers and records checked (%d MB): %s%n",
            finding.getChecked(),
            finding.getBytes() / 1_000_000,
            finding.getBad() == 0
                ? "all sound"
                : finding.getBad() + " bad, " + repaired + " of them repaired");
        out.flush();
        return finding.getRepaired() ? 0 : NOT_SOUND;
      }
      repaired += finding.getRepaired() ? 1 : 0;
      out.printf(
          "%s %s: %s%n",
          finding.getKind().name().toLowerCase(Locale.ROOT),
          finding.getName(),
          finding.getProblem());
      if (!finding.getRepair().isEmpty()) {
        out.printf("  %s%n", finding.getRepair());
      }
      out.flush();
    }
    return failed("the daemon on " + socket + " ended the check before its end");
  }

  private int withoutDaemon() throws IOException, InterruptedException {
    Path gantryd = home.resolve("bin").resolve("gantryd");
    if (!Files.isExecutable(gantryd)) {
      return failed("no daemon answers on " + socket + ", and " + gantryd + " is not there");
    }
    List<String> command = new ArrayList<>(List.of(gantryd.toString()));
    if (config != null) {
      command.addAll(List.of("--config", config.toString()));
    }
    command.add("fsck");
    if (repair) {
      command.add("--repair");
    }
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    return code == 0 || code == NOT_SOUND ? code : OWN_FAULT;
  }

  private int failed(String reason) {
    spec.commandLine().getErr().println("gantry system fsck: " + reason);
    return OWN_FAULT;
  }
}
