package io.gantry.docker.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A command of docker's that gantry does not have yet.
 *
 * @param name the command
 * @param instead what does the same today, or why nothing does
 */
record NotBuilt(String name, String instead) {
  private static final String NOTHING = "nothing does the same yet";

  static final List<NotBuilt> ALL =
      List.of(
          use("attach", "crictl attach, once the daemon can stream"),
          new NotBuilt("build", "build elsewhere, push to a registry, and use crictl pull"),
          new NotBuilt("commit", NOTHING),
          new NotBuilt("compose", NOTHING),
          use("container", "crictl ps, crictl inspect, crictl rm"),
          new NotBuilt("cp", NOTHING),
          use("create", "crictl runp and crictl create"),
          new NotBuilt("diff", NOTHING),
          new NotBuilt("events", NOTHING),
          use("exec", "crictl exec -s"),
          new NotBuilt("export", NOTHING),
          new NotBuilt("history", NOTHING),
          use("image", "crictl images, crictl inspecti, crictl rmi"),
          use("images", "crictl images"),
          new NotBuilt("import", NOTHING),
          use("info", "crictl info"),
          use("inspect", "crictl inspect, crictl inspectp or crictl inspecti"),
          use("kill", "crictl stop --timeout 0"),
          new NotBuilt("load", "push to a registry, and use crictl pull"),
          use("login", "crictl pull --creds USER:PASSWORD"),
          use("logout", "nothing: credentials are given with each crictl pull"),
          use("logs", "crictl logs"),
          new NotBuilt("network", "networks come from the CNI configuration in /etc/cni/net.d"),
          new NotBuilt("pause", NOTHING),
          new NotBuilt("port", NOTHING),
          use("ps", "crictl ps"),
          use("pull", "crictl pull"),
          new NotBuilt("push", NOTHING),
          new NotBuilt("rename", NOTHING),
          use("restart", "crictl stop, crictl rm, crictl create and crictl start"),
          use("rm", "crictl rm"),
          use("rmi", "crictl rmi"),
          use("run", "crictl runp, crictl create and crictl start"),
          new NotBuilt("save", NOTHING),
          new NotBuilt("search", NOTHING),
          use("start", "crictl start"),
          use("stats", "crictl stats, once the daemon has it"),
          use("stop", "crictl stop"),
          new NotBuilt("tag", NOTHING),
          use("top", "crictl exec -s CONTAINER ps"),
          new NotBuilt("unpause", NOTHING),
          use("update", "crictl update"),
          new NotBuilt("volume", NOTHING),
          use("wait", "crictl inspect, which tells the exit code"));

  private static NotBuilt use(String name, String instead) {
    return new NotBuilt(name, "use " + instead);
  }

  /**
   * The command as picocli sees it: not in the list of commands, and taking whatever docker's
   * takes.
   */
  CommandLine commandLine() {
    return new CommandLine(new Answer(this))
        .setUnmatchedArgumentsAllowed(true)
        .setUnmatchedOptionsArePositionalParams(true);
  }

  @Command(hidden = true)
  private static final class Answer implements Callable<Integer> {
    private final NotBuilt command;

    @Spec private CommandSpec spec;

    Answer(NotBuilt command) {
      this.command = command;
    }

    @Override
    public Integer call() {
      spec.commandLine()
          .getErr()
          .println("gantry " + command.name + ": not built yet; " + command.instead);
      return Gantry.OWN_FAULT;
    }
  }
}
