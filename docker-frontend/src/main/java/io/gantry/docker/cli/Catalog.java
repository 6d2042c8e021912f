package io.gantry.docker.cli;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.container.InspectContainers;
import io.gantry.docker.cli.container.ListContainers;
import io.gantry.docker.cli.image.InspectImages;
import io.gantry.docker.cli.image.ListImages;
import io.gantry.docker.cli.system.CheckStore;
import io.gantry.docker.cli.system.Doctor;
import io.gantry.docker.cli.system.InspectAnything;
import io.gantry.docker.cli.system.Rehearse;
import io.gantry.docker.cli.system.ServeRegistry;
import io.gantry.docker.cli.system.ShowVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All commands, by their names. Only the one that is asked for is loaded. */
final class Catalog {
  static final List<String> COMMON = List.of("ps", "images", "version");

  static final Map<String, String> GROUP_SUMMARIES = new LinkedHashMap<>();

  static final List<String> OTHERS = List.of("inspect");

  static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

  static {
    group("container", "Work with containers", "inspect ls");
    group("image", "Work with images", "inspect ls");
    group("registry", "Serve images to others", "serve");
    group("system", "Look after this machine", "doctor fsck rehearse");
  }

  private Catalog() {}

  private static void group(String name, String summary, String commands) {
    GROUP_SUMMARIES.put(name, summary);
    GROUPS.put(name, List.of(commands.split(" ")));
  }

  /**
   * What a command line asks for.
   *
   * @param name one or two words
   * @param command null if it is a group's name alone
   * @param words what follows the name
   */
  record Choice(String name, Command command, List<String> words) {
    boolean isGroup() {
      return command == null;
    }
  }

  static Optional<Choice> find(List<String> words) {
    String first = words.get(0);
    if (GROUPS.containsKey(first)) {
      if (words.size() == 1 || words.get(1).equals("--help") || words.get(1).equals("-h")) {
        return Optional.of(new Choice(first, null, List.of()));
      }
      String name = first + " " + words.get(1);
      return made(name).map(each -> new Choice(name, each, words.subList(2, words.size())));
    }
    return made(first).map(each -> new Choice(first, each, words.subList(1, words.size())));
  }

  private static Optional<Command> made(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "ps", "container ls", "container list", "container ps" -> new ListContainers();
          case "container inspect" -> new InspectContainers();
          case "images", "image ls", "image list" -> new ListImages();
          case "image inspect" -> new InspectImages();
          case "inspect" -> new InspectAnything();
          case "version" -> new ShowVersion(Installation.version());
          case "system doctor" -> new Doctor();
          case "system fsck" -> new CheckStore();
          case "system rehearse" -> new Rehearse();
          case "registry serve" -> new ServeRegistry();
          default -> null;
        });
  }

  /** Other names of the same command, itself included; none if it has only one. */
  static List<String> aliases(String name) {
    List<String> aliases = new ArrayList<>();
    for (String line : ALIASES) {
      List<String> names = List.of(line.split(", "));
      if (names.contains(name)) {
        aliases.addAll(names);
      }
    }
    return aliases;
  }

  private static final List<String> ALIASES =
      List.of("container ls, container list, container ps, ps", "image ls, image list, images");

  /** Why docker's command of that name is none of gantry's; empty if docker has none either. */
  static Optional<String> whyNot(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "swarm", "node", "service", "stack", "secret", "config" ->
              "gantry's clusters are Kubernetes'; use kubectl";
          case "plugin" -> "gantry has no plugins of docker's kind";
          case "context" -> "name the engine with -H or DOCKER_HOST";
          case "compose" ->
              "docker compose itself works with DOCKER_HOST=unix://" + GlobalOptions.DEFAULT_SOCKET;
          case "buildx" -> "gantry build builds";
          case "checkpoint" -> "use crictl checkpoint";
          case "manifest", "trust" ->
              "gantry pull and gantry push know nothing of it; use skopeo or cosign";
          case "search" -> "only Docker Hub has it; look at https://hub.docker.com/search";
          default -> null;
        });
  }
}
