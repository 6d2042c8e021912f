package io.gantry.docker.cli;

import io.gantry.docker.cli.build.BuildImage;
import io.gantry.docker.cli.build.PruneCache;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.InspectNamed;
import io.gantry.docker.cli.completion.Candidates;
import io.gantry.docker.cli.completion.Scripts;
import io.gantry.docker.cli.container.Acts;
import io.gantry.docker.cli.container.AttachContainer;
import io.gantry.docker.cli.container.CommitContainer;
import io.gantry.docker.cli.container.CopyFiles;
import io.gantry.docker.cli.container.CreateContainer;
import io.gantry.docker.cli.container.ExecCommand;
import io.gantry.docker.cli.container.ExportContainer;
import io.gantry.docker.cli.container.InspectContainers;
import io.gantry.docker.cli.container.ListContainers;
import io.gantry.docker.cli.container.PruneContainers;
import io.gantry.docker.cli.container.RenameContainer;
import io.gantry.docker.cli.container.RunContainer;
import io.gantry.docker.cli.container.ShowChanges;
import io.gantry.docker.cli.container.ShowLogs;
import io.gantry.docker.cli.container.ShowPorts;
import io.gantry.docker.cli.container.ShowProcesses;
import io.gantry.docker.cli.container.ShowStats;
import io.gantry.docker.cli.container.StartContainers;
import io.gantry.docker.cli.container.UpdateContainers;
import io.gantry.docker.cli.container.WaitForContainers;
import io.gantry.docker.cli.image.ImportImage;
import io.gantry.docker.cli.image.InspectImages;
import io.gantry.docker.cli.image.ListImages;
import io.gantry.docker.cli.image.LoadImages;
import io.gantry.docker.cli.image.LogIn;
import io.gantry.docker.cli.image.LogOut;
import io.gantry.docker.cli.image.PruneImages;
import io.gantry.docker.cli.image.PullImage;
import io.gantry.docker.cli.image.PushImage;
import io.gantry.docker.cli.image.RemoveImages;
import io.gantry.docker.cli.image.SaveImages;
import io.gantry.docker.cli.image.ShowHistory;
import io.gantry.docker.cli.image.TagImage;
import io.gantry.docker.cli.network.ConnectNetwork;
import io.gantry.docker.cli.network.CreateNetwork;
import io.gantry.docker.cli.network.ListNetworks;
import io.gantry.docker.cli.network.PruneNetworks;
import io.gantry.docker.cli.network.RemoveNetworks;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.system.CheckStore;
import io.gantry.docker.cli.system.Doctor;
import io.gantry.docker.cli.system.InspectAnything;
import io.gantry.docker.cli.system.PruneAll;
import io.gantry.docker.cli.system.Rehearse;
import io.gantry.docker.cli.system.ServeRegistry;
import io.gantry.docker.cli.system.ShowEvents;
import io.gantry.docker.cli.system.ShowInfo;
import io.gantry.docker.cli.system.ShowUsage;
import io.gantry.docker.cli.system.ShowVersion;
import io.gantry.docker.cli.volume.CreateVolume;
import io.gantry.docker.cli.volume.ListVolumes;
import io.gantry.docker.cli.volume.PruneVolumes;
import io.gantry.docker.cli.volume.RemoveVolumes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All commands, by their names. Only the one that is asked for is loaded. */
final class Catalog {
  static final List<String> COMMON =
      List.of(
          "run", "exec", "ps", "build", "pull", "push", "images", "login", "logout", "version",
          "info");

  static final Map<String, String> GROUP_SUMMARIES = new LinkedHashMap<>();

  static final List<String> OTHERS =
      List.of(
          "attach",
          "commit",
          "completion",
          "cp",
          "create",
          "diff",
          "events",
          "export",
          "history",
          "import",
          "inspect",
          "kill",
          "load",
          "logs",
          "pause",
          "port",
          "rename",
          "restart",
          "rm",
          "rmi",
          "save",
          "start",
          "stats",
          "stop",
          "tag",
          "top",
          "unpause",
          "update",
          "wait");

  static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

  static {
    group(
        "container",
        "Work with containers",
        "attach commit cp create diff exec export inspect kill logs ls pause port prune rename"
            + " restart rm run start stats stop top unpause update wait");
    group(
        "image",
        "Work with images",
        "build history import inspect load ls prune pull push rm save tag");
    group("builder", "Work with what builds keep", "build prune");
    group("network", "Work with networks", "connect create disconnect inspect ls prune rm");
    group("registry", "Serve images to others", "serve");
    group("system", "Look after this machine", "df doctor events fsck info prune rehearse");
    group("volume", "Work with volumes", "create inspect ls prune rm");
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
    String bare = name.startsWith("container ") ? name.substring("container ".length()) : name;
    Command command = containers(bare);
    if (command == null) {
      command = images(name);
    }
    return Optional.ofNullable(command == null ? others(name) : command);
  }

  private static Command containers(String name) {
    return switch (name) {
      case "attach" -> new AttachContainer();
      case "commit" -> new CommitContainer();
      case "cp" -> new CopyFiles();
      case "create" -> new CreateContainer();
      case "diff" -> new ShowChanges();
      case "exec" -> new ExecCommand();
      case "export" -> new ExportContainer();
      case "kill" -> Acts.kill();
      case "logs" -> new ShowLogs();
      case "pause" -> Acts.pause();
      case "port" -> new ShowPorts();
      case "rename" -> new RenameContainer();
      case "restart" -> Acts.restart();
      case "rm" -> Acts.remove();
      case "run" -> new RunContainer();
      case "start" -> new StartContainers();
      case "stats" -> new ShowStats();
      case "stop" -> Acts.stop();
      case "top" -> new ShowProcesses();
      case "unpause" -> Acts.unpause();
      case "update" -> new UpdateContainers();
      case "wait" -> new WaitForContainers();
      default -> null;
    };
  }

  private static Command images(String name) {
    return switch (name) {
      case "images", "image ls", "image list" -> new ListImages();
      case "build", "image build", "builder build" -> new BuildImage();
      case "builder prune" -> new PruneCache();
      case "history", "image history" -> new ShowHistory();
      case "import", "image import" -> new ImportImage();
      case "image inspect" -> new InspectImages();
      case "load", "image load" -> new LoadImages();
      case "login" -> new LogIn();
      case "logout" -> new LogOut();
      case "image prune" -> new PruneImages();
      case "pull", "image pull" -> new PullImage();
      case "push", "image push" -> new PushImage();
      case "rmi", "image rm", "image remove" -> new RemoveImages();
      case "save", "image save" -> new SaveImages();
      case "tag", "image tag" -> new TagImage();
      default -> null;
    };
  }

  private static Command others(String name) {
    return switch (name) {
      case "ps", "container ls", "container list", "container ps" -> new ListContainers();
      case "container inspect" -> new InspectContainers();
      case "container prune" -> new PruneContainers();
      case "container remove" -> Acts.remove();
      case "inspect" -> new InspectAnything();
      case "completion" -> new Scripts();
      case "__complete" -> new Candidates(new Known());
      case "version" -> new ShowVersion(Installation.version());
      case "events", "system events" -> new ShowEvents();
      case "info", "system info" -> new ShowInfo();
      case "network connect" -> new ConnectNetwork(true);
      case "network create" -> new CreateNetwork();
      case "network disconnect" -> new ConnectNetwork(false);
      case "network inspect" ->
          InspectNamed.of("networks", "NETWORK", "Show all that is known of networks");
      case "network ls", "network list" -> new ListNetworks();
      case "network prune" -> new PruneNetworks();
      case "network rm", "network remove" -> new RemoveNetworks();
      case "registry serve" -> new ServeRegistry();
      case "system df" -> new ShowUsage();
      case "system doctor" -> new Doctor();
      case "system fsck" -> new CheckStore();
      case "system prune" -> new PruneAll();
      case "system rehearse" -> new Rehearse();
      case "volume create" -> new CreateVolume();
      case "volume inspect" ->
          InspectNamed.of("volumes", "VOLUME", "Show all that is known of volumes");
      case "volume ls", "volume list" -> new ListVolumes();
      case "volume prune" -> new PruneVolumes();
      case "volume rm", "volume remove" -> new RemoveVolumes();
      default -> null;
    };
  }

  /** The commands, as completion asks for them. */
  private static final class Known implements Candidates.Commands {
    @Override
    public List<String> after(List<String> words) {
      if (words.isEmpty()) {
        List<String> all = new java.util.ArrayList<>(COMMON);
        all.addAll(OTHERS);
        all.addAll(GROUPS.keySet());
        return all;
      }
      return words.size() == 1 ? GROUPS.getOrDefault(words.get(0), List.of()) : List.of();
    }

    @Override
    public Optional<Syntax> syntax(List<String> words) {
      return words.isEmpty()
          ? Optional.empty()
          : find(words).filter(each -> !each.isGroup()).map(each -> each.command().syntax());
    }
  }

  /** Other names of the same command, itself included; none if it has only one. */
  static List<String> aliases(String name) {
    for (String line : ALIASES) {
      List<String> names = List.of(line.split(", "));
      if (names.contains(name)) {
        return names;
      }
    }
    String last = name.substring(name.indexOf(' ') + 1);
    for (String group : List.of("container", "image")) {
      boolean both =
          GROUPS.get(group).contains(last) && (COMMON.contains(last) || OTHERS.contains(last));
      if (both
          && (name.equals(last) || name.startsWith(group + " "))
          && !(group.equals("image") && containers(last) != null && name.equals(last))
          && !last.equals("inspect")) {
        return List.of(group + " " + last, last);
      }
    }
    return List.of();
  }

  private static final List<String> ALIASES =
      List.of(
          "build, builder build, image build",
          "container ls, container list, container ps, ps",
          "container rm, container remove, rm",
          "image ls, image list, images",
          "image rm, image remove, rmi",
          "network ls, network list",
          "network rm, network remove",
          "system events, events",
          "system info, info",
          "volume ls, volume list",
          "volume rm, volume remove");

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
