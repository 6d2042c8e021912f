package io.gantry.image.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.dockerfile.Command;
import io.gantry.image.dockerfile.Expansion;
import io.gantry.image.dockerfile.Instruction;
import io.gantry.image.dockerfile.Instruction.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Instructions that change an image's configuration and none of its files.
 *
 * @param draft the image after it
 * @param description what the history says of it
 */
record ConfigStep(Draft draft, String description) {
  private static final Pattern PORT =
      Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([A-Za-z]+))?");
  private static final Pattern SIGNAL = Pattern.compile("(?:[0-9]{1,2}|[A-Za-z][A-Za-z0-9+-]*)");
  private static final int LAST_PORT = 65535;

  /**
   * Carries one out.
   *
   * @param ownCommand whether the stage has set a command by itself
   */
  static ConfigStep of(
      Instruction instruction, Draft before, Expansion expansion, boolean ownCommand)
      throws IOException {
    if (instruction instanceof Instruction.Env env) {
      Map<String, String> values = pairs(env.pairs(), expansion);
      return new ConfigStep(before.withEnvironment(values), "ENV " + shown(values));
    }
    if (instruction instanceof Instruction.Label label) {
      return labels(before, pairs(label.pairs(), expansion));
    }
    if (instruction instanceof Instruction.Cmd cmd) {
      List<String> command = command(cmd.command(), before);
      return new ConfigStep(before.withStrings("Cmd", command), "CMD " + json(command));
    }
    if (instruction instanceof Instruction.Entrypoint entrypoint) {
      List<String> command = command(entrypoint.command(), before);
      // The base image's arguments were for its own entry point.
      Draft cleared = ownCommand ? before : before.without("Cmd");
      return new ConfigStep(
          cleared.withStrings("Entrypoint", command), "ENTRYPOINT " + json(command));
    }
    if (instruction instanceof Instruction.User user) {
      String name = expansion.of(user.user());
      if (name.isEmpty()) {
        throw user.origin().error("USER needs a user: the argument is empty");
      }
      return new ConfigStep(before.withText("User", name), "USER " + name);
    }
    if (instruction instanceof Instruction.Expose expose) {
      List<String> ports = ports(expose, expansion.split(expose.ports()));
      return new ConfigStep(
          before.withKeys("ExposedPorts", ports), "EXPOSE " + String.join(" ", ports));
    }
    if (instruction instanceof Instruction.Volume volume) {
      List<String> paths = expansion.of(volume.paths());
      if (paths.contains("")) {
        throw volume.origin().error("VOLUME needs paths: one is empty");
      }
      return new ConfigStep(before.withKeys("Volumes", paths), "VOLUME " + json(paths));
    }
    if (instruction instanceof Instruction.StopSignal stop) {
      String signal = expansion.of(stop.signal());
      if (!SIGNAL.matcher(signal).matches()) {
        throw stop.origin().error("\"" + signal + "\" is no signal: SIGTERM, TERM or 15");
      }
      return new ConfigStep(before.withText("StopSignal", signal), "STOPSIGNAL " + signal);
    }
    if (instruction instanceof Instruction.Shell shell) {
      return new ConfigStep(
          before.withStrings("Shell", shell.arguments()), "SHELL " + json(shell.arguments()));
    }
    if (instruction instanceof Instruction.HealthCheck check) {
      return healthCheck(check, before);
    }
    if (instruction instanceof Instruction.OnBuild onBuild) {
      List<String> triggers = before.strings("OnBuild");
      triggers.add(onBuild.trigger());
      return new ConfigStep(
          before.withStrings("OnBuild", triggers), "ONBUILD " + onBuild.trigger());
    }
    if (instruction instanceof Instruction.Maintainer maintainer) {
      return new ConfigStep(
          before.withAuthor(maintainer.name()), "MAINTAINER " + maintainer.name());
    }
    throw new IllegalStateException(instruction.keyword() + " is carried out elsewhere");
  }

  static ConfigStep labels(Draft before, Map<String, String> labels) {
    return new ConfigStep(before.withLabels(labels), "LABEL " + shown(labels));
  }

  private static Map<String, String> pairs(List<Pair> pairs, Expansion expansion)
      throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    for (Pair pair : pairs) {
      values.put(expansion.of(pair.name()), expansion.of(pair.value()));
    }
    return values;
  }

  private static String shown(Map<String, String> values) {
    List<String> shown = new ArrayList<>();
    values.forEach((name, value) -> shown.add(name + "=" + value));
    return String.join(" ", shown);
  }

  static List<String> command(Command command, Draft draft) {
    if (command instanceof Command.Exec exec) {
      return exec.arguments();
    }
    List<String> arguments = new ArrayList<>(draft.shell());
    arguments.add(((Command.Shell) command).line());
    return arguments;
  }

  private static List<String> ports(Instruction.Expose expose, List<String> words)
      throws IOException {
    List<String> ports = new ArrayList<>();
    for (String word : words) {
      Matcher port = PORT.matcher(word);
      String protocol = port.matches() && port.group(3) != null ? port.group(3) : "tcp";
      boolean sound =
          port.matches() && List.of("tcp", "udp", "sctp").contains(protocol.toLowerCase());
      int first = sound ? Integer.parseInt(port.group(1)) : 0;
      int last = sound && port.group(2) != null ? Integer.parseInt(port.group(2)) : first;
      if (!sound || first < 1 || last > LAST_PORT || last < first) {
        throw expose.origin().error("\"" + word + "\" is no port: 80, 80/udp or 8000-8010");
      }
      for (int number = first; number <= last; number++) {
        ports.add(number + "/" + protocol.toLowerCase());
      }
    }
    return ports;
  }

  private static ConfigStep healthCheck(Instruction.HealthCheck check, Draft before) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ArrayNode test = node.putArray("Test");
    if (check.command().isEmpty()) {
      test.add("NONE");
    } else if (check.command().get() instanceof Command.Exec exec) {
      test.add("CMD");
      exec.arguments().forEach(test::add);
    } else {
      test.add("CMD-SHELL");
      test.add(((Command.Shell) check.command().get()).line());
    }
    number(node, "Interval", check.intervalNanos());
    number(node, "Timeout", check.timeoutNanos());
    number(node, "StartPeriod", check.startPeriodNanos());
    number(node, "StartInterval", check.startIntervalNanos());
    number(node, "Retries", check.retries());
    return new ConfigStep(
        before.with(config -> config.set("Healthcheck", node)), "HEALTHCHECK " + node);
  }

  private static void number(ObjectNode node, String name, long value) {
    if (value != 0) {
      node.put(name, value);
    }
  }

  static String json(List<String> strings) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    strings.forEach(array::add);
    return array.toString();
  }
}
