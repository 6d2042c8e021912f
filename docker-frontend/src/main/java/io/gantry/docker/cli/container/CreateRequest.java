package io.gantry.docker.cli.container;

import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.settings.Environment;
import io.gantry.docker.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the engine is asked to create, made of the flags of run and create. */
final class CreateRequest {
  private static final Json NOTHING = Json.object(Map.of());

  private final Arguments given;
  private final Environment environment;
  private final Terminal.Size terminal;
  private final boolean detached;

  CreateRequest(Session session, Arguments given, boolean detached) {
    this.given = given;
    this.environment = session.environment();
    this.detached = detached;
    this.terminal =
        given.on("tty") && session.terminal().writes()
            ? session.terminal().size()
            : Terminal.Size.UNKNOWN;
  }

  String image() {
    return given.word(0);
  }

  boolean attaches(String stream) {
    if (detached) {
      return false;
    }
    List<String> wanted = given.values("attach");
    if (wanted.isEmpty()) {
      return !stream.equals("stdin") || given.on("interactive");
    }
    return wanted.stream().anyMatch(stream::equalsIgnoreCase);
  }

  Json build() throws IOException, BadUsage {
    JsonObject config = new JsonObject();
    PortFlags ports = PortFlags.of(given.values("publish"), given.values("expose"));
    boolean open = given.on("interactive");
    config.put("Image", image());
    config.put("AttachStdin", attaches("stdin"));
    config.put("AttachStdout", attaches("stdout"));
    config.put("AttachStderr", attaches("stderr"));
    config.put("Tty", given.on("tty"));
    config.put("OpenStdin", open);
    config.put("StdinOnce", open && attaches("stdin"));
    Resources.text(config, given, "hostname", "Hostname");
    Resources.text(config, given, "domainname", "Domainname");
    Resources.text(config, given, "user", "User");
    Resources.text(config, given, "workdir", "WorkingDir");
    Resources.text(config, given, "stop-signal", "StopSignal");
    Resources.number(config, given, "stop-timeout", "StopTimeout");
    config.put("Env", Pairs.variables(environment, given.values("env-file"), given.values("env")));
    List<String> command = given.words().subList(1, given.words().size());
    config.put("Cmd", command.isEmpty() ? Json.NULL : Json.texts(command));
    given.value("entrypoint").ifPresent(entry -> config.put("Entrypoint", List.of(entry)));
    config.put("Labels", labels());
    config.put("ExposedPorts", ports.exposed());
    Json health = health();
    if (!health.isNull()) {
      config.put("Healthcheck", health);
    }
    List<String> binds = new ArrayList<>();
    config.put("Volumes", volumes(binds));
    config.put("HostConfig", host(ports, binds));
    config.put(
        "NetworkingConfig",
        new JsonObject().put("EndpointsConfig", NetworkFlags.endpoints(given)).build());
    return config.build();
  }

  private Json labels() throws IOException, BadUsage {
    List<String> all = new ArrayList<>();
    for (String file : given.values("label-file")) {
      all.addAll(Pairs.lines(environment, file, "--label-file"));
    }
    all.addAll(given.values("label"));
    return Pairs.map(all);
  }

  /** A volume without a source is anonymous; one with a source is a bind, or has a name. */
  private Json volumes(List<String> binds) {
    Map<String, Json> anonymous = new LinkedHashMap<>();
    for (String volume : given.values("volume")) {
      int colon = volume.indexOf(':');
      if (colon < 0) {
        anonymous.put(volume, NOTHING);
      } else if (volume.startsWith(".")) {
        binds.add(
            environment.file(volume.substring(0, colon)).normalize() + volume.substring(colon));
      } else {
        binds.add(volume);
      }
    }
    return Json.object(anonymous);
  }

  private Json health() throws BadUsage {
    boolean any = given.has("health-cmd");
    for (String each :
        List.of("interval", "timeout", "start-period", "start-interval", "retries")) {
      any |= given.has("health-" + each);
    }
    if (given.on("no-healthcheck")) {
      if (any) {
        throw BadUsage.flag("--no-healthcheck conflicts with --health-* options");
      }
      return new JsonObject().put("Test", List.of("NONE")).build();
    }
    if (!any) {
      return Json.NULL;
    }
    JsonObject health = new JsonObject();
    given.value("health-cmd").ifPresent(cmd -> health.put("Test", List.of("CMD-SHELL", cmd)));
    duration(health, "health-interval", "Interval");
    duration(health, "health-timeout", "Timeout");
    duration(health, "health-start-period", "StartPeriod");
    duration(health, "health-start-interval", "StartInterval");
    Resources.number(health, given, "health-retries", "Retries");
    return health.build();
  }

  private void duration(JsonObject health, String flag, String name) {
    given.nanoseconds(flag).ifPresent(value -> health.put(name, value));
  }

  private Json host(PortFlags ports, List<String> binds) throws IOException, BadUsage {
    JsonObject host = new JsonObject();
    Resources.put(host, given);
    Resources.number(host, given, "memory-swappiness", "MemorySwappiness");
    Resources.number(host, given, "oom-score-adj", "OomScoreAdj");
    Resources.bytes(host, given, "shm-size", "ShmSize");
    for (Map.Entry<String, String> each : TEXTS.entrySet()) {
      Resources.text(host, given, each.getKey(), each.getValue());
    }
    for (Map.Entry<String, String> each : LISTS.entrySet()) {
      if (given.has(each.getKey())) {
        host.put(each.getValue(), given.values(each.getKey()));
      }
    }
    for (Map.Entry<String, String> each : SWITCHES.entrySet()) {
      host.put(each.getValue(), given.on(each.getKey()));
    }
    if (given.has("init")) {
      host.put("Init", given.on("init"));
    }
    for (Map.Entry<String, String> each : MAPS.entrySet()) {
      if (given.has(each.getKey())) {
        host.put(each.getValue(), Pairs.map(given.values(each.getKey())));
      }
    }
    host.put("Binds", binds);
    host.put("PortBindings", ports.bindings());
    host.put("NetworkMode", NetworkFlags.mode(given));
    host.put("RestartPolicy", Resources.restartPolicy(given.value("restart", "no")));
    host.put(
        "LogConfig",
        new JsonObject()
            .put("Type", given.value("log-driver", ""))
            .put("Config", Pairs.map(given.values("log-opt")))
            .build());
    host.put("ExtraHosts", hosts());
    host.put("Tmpfs", tmpfs());
    host.put("Mounts", mounts());
    host.put("Devices", DeviceFlags.devices(given.values("device")));
    host.put("DeviceRequests", DeviceFlags.requests(given));
    host.put("Ulimits", DeviceFlags.ulimits(given.values("ulimit")));
    security(host);
    if (terminal.isKnown()) {
      host.put(
          "ConsoleSize",
          Json.array(List.of(Json.of(terminal.rows()), Json.of(terminal.columns()))));
    }
    return host.build();
  }

  private List<String> hosts() {
    List<String> hosts = new ArrayList<>();
    for (String each : given.values("add-host")) {
      int equals = each.indexOf('=');
      hosts.add(equals < 0 ? each : each.substring(0, equals) + ":" + each.substring(equals + 1));
    }
    return hosts;
  }

  private Json tmpfs() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String each : given.values("tmpfs")) {
      int colon = each.indexOf(':');
      all.put(
          colon < 0 ? each : each.substring(0, colon), colon < 0 ? "" : each.substring(colon + 1));
    }
    return Json.textMap(all);
  }

  private Json mounts() throws BadUsage {
    List<Json> mounts = new ArrayList<>();
    for (String each : given.values("mount")) {
      mounts.add(MountFlags.mount(each, environment));
    }
    return Json.array(mounts);
  }

  /** A seccomp profile is read here: the engine need not see the user's files. */
  private void security(JsonObject host) throws IOException, BadUsage {
    List<String> options = new ArrayList<>();
    for (String each : given.values("security-opt")) {
      if (each.equals("systempaths=unconfined")) {
        host.put("MaskedPaths", List.of());
        host.put("ReadonlyPaths", List.of());
      } else if (each.startsWith("seccomp=")
          && !each.endsWith("=unconfined")
          && !each.endsWith("=builtin")) {
        String file = each.substring("seccomp=".length());
        try {
          options.add("seccomp=" + Json.parse(Files.readString(environment.file(file))));
        } catch (java.nio.file.NoSuchFileException e) {
          throw BadUsage.flag("opening seccomp profile (" + file + ") failed: no such file");
        }
      } else {
        options.add(each);
      }
    }
    host.put("SecurityOpt", options);
  }

  private static final Map<String, String> TEXTS =
      Map.of(
          "cgroup-parent", "CgroupParent",
          "cgroupns", "CgroupnsMode",
          "ipc", "IpcMode",
          "isolation", "Isolation",
          "pid", "PidMode",
          "runtime", "Runtime",
          "userns", "UsernsMode",
          "uts", "UTSMode",
          "volume-driver", "VolumeDriver");

  private static final Map<String, String> LISTS =
      Map.of(
          "cap-add", "CapAdd",
          "cap-drop", "CapDrop",
          "device-cgroup-rule", "DeviceCgroupRules",
          "dns", "Dns",
          "dns-option", "DnsOptions",
          "dns-search", "DnsSearch",
          "group-add", "GroupAdd",
          "link", "Links",
          "volumes-from", "VolumesFrom");

  private static final Map<String, String> SWITCHES =
      Map.of(
          "oom-kill-disable", "OomKillDisable",
          "privileged", "Privileged",
          "publish-all", "PublishAllPorts",
          "read-only", "ReadonlyRootfs",
          "rm", "AutoRemove");

  private static final Map<String, String> MAPS =
      Map.of("annotation", "Annotations", "storage-opt", "StorageOpt", "sysctl", "Sysctls");
}
