package io.gantry.tests.node;

import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.DirectoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Everything a runtime under test owns outside its process, under names no other run uses.
 *
 * <p>The name marks all it may leave in the kernel: the directory appears in mounts and command
 * lines, the bridge in interfaces, the network in iptables comments, the cgroup in /sys/fs/cgroup.
 */
public final class NodeDirectory {

  private final String name;
  private final Path path;
  private final int subnet;

  private NodeDirectory(String name, Path path, int subnet) {
    this.name = name;
    this.path = path;
    this.subnet = subnet;
  }

  /**
   * Makes a new directory below {@code -Dgantry.tests.directory}, or /tmp; short paths keep the
   * sockets inside it below the 108 bytes of sun_path.
   */
  public static NodeDirectory create() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String name =
        "gantry-t" + Integer.toString(random.nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36);
    // 10.128.0.0/9 in steps of /24: unlikely to be routed on a test machine.
    int subnet = random.nextInt(128 * 256);
    try {
      Path path = Files.createDirectory(parent().resolve(name));
      NodeDirectory directory = new NodeDirectory(name, path, subnet);
      directory.make();
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("make a directory for a runtime under test", e);
    }
  }

  private void make() {
    try {
      Files.createDirectories(cniConfiguration());
      Files.createDirectories(registries());
      Files.createDirectories(logs());
      Files.createDirectories(scratch());
      Files.writeString(cniConfiguration().resolve("10-test.conflist"), network());
    } catch (IOException e) {
      throw new UncheckedIOException("make " + path, e);
    }
  }

  /** One that is there again after the machine has booted anew; there is one of them. */
  static NodeDirectory lasting() {
    // Not in /tmp: that is emptied at boot.
    NodeDirectory directory =
        new NodeDirectory("gantry-tlast", Path.of("/var/lib/gantry-tlast"), 77);
    directory.make();
    return directory;
  }

  /** Where all nodes of this run and their registry are. */
  static Path parent() {
    String given = System.getProperty("gantry.tests.directory", "");
    return Path.of(given.isEmpty() ? "/tmp" : given);
  }

  public String name() {
    return name;
  }

  public Path path() {
    return path;
  }

  public Path root() {
    return path.resolve("root");
  }

  public Path state() {
    return path.resolve("state");
  }

  public Path socket() {
    return path.resolve("cri.sock");
  }

  /** Where the Engine API is served. */
  public Path dockerSocket() {
    return state().resolve("docker.sock");
  }

  public Path cniConfiguration() {
    return path.resolve("net.d");
  }

  public Path registries() {
    return path.resolve("certs.d");
  }

  public Path logs() {
    return path.resolve("logs");
  }

  /** For the files of tests themselves: configurations, mount sources. */
  public Path scratch() {
    return path.resolve("scratch");
  }

  /** What gantryd is to do at which of its fault points; CONTRIBUTING.md says how. */
  public Path faults() {
    return path.resolve("faults");
  }

  public Path daemonLog() {
    return path.resolve("daemon.log");
  }

  /** The bridge that this node's pods are connected to; at most 15 characters. */
  public String bridge() {
    return name;
  }

  /** How the names of this node's further bridges begin; in capitals, those of its chains. */
  public String interfacePrefix() {
    return "gt" + name.substring(name.length() - 4) + "-";
  }

  /** Out of which this node's further networks take their subnets: 10.0.0.0/9 in steps of /20. */
  public String networkPool() {
    int place = subnet % 2048;
    return "10.%d.%d.0/20".formatted(place / 16, place % 16 * 16);
  }

  /** The cgroup below which all of this node's containers live. */
  public String cgroupParent() {
    return "/" + name;
  }

  /** The same where systemd makes cgroups: a slice, within gantry.slice by its name. */
  public String slice() {
    return name + ".slice";
  }

  /**
   * Leads requests for a registry's host to another address.
   *
   * @param host as in image references, such as {@code registry.k8s.io}
   * @param url such as {@code http://127.0.0.1:5000}
   */
  public void mirror(String host, String url) {
    String text =
        """
        server = "%s"

        [host."%s"]
          capabilities = ["pull", "resolve"]
        """
            .formatted(url, url);
    try {
      Path file = registries().resolve(host).resolve("hosts.toml");
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("write hosts.toml for " + host, e);
    }
  }

  /** Writes a file for tests and returns its path. */
  public Path write(String fileName, String content) {
    try {
      return Files.writeString(scratch().resolve(fileName), content);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + fileName, e);
    }
  }

  /** Removes the directory with all that is in it; what is still mounted makes this fail. */
  public void delete() {
    DirectoryTree.delete(path);
  }

  /** Removes what networks and pods' parent cgroup are to the kernel once no pod is left. */
  public void removeNetwork() {
    Command.of("ip", "link", "delete", bridge()).run();
    new NamedNetworks(interfacePrefix()).remove();
    if (Files.isDirectory(Path.of("/run/systemd/system"))) {
      Command.of("systemctl", "stop", slice()).run();
    }
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      // Of cgroup v2 alone it is right there; with v1 in each controller's directory.
      for (Path hierarchy : hierarchies.filter(Files::isDirectory).toList()) {
        Files.deleteIfExists(hierarchy.resolve(name));
      }
      Files.deleteIfExists(Path.of("/sys/fs/cgroup").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("remove the cgroup " + cgroupParent(), e);
    }
  }

  private String network() {
    Map<String, Object> values =
        Map.of(
            "name", name,
            "bridge", bridge(),
            "subnet", "10.%d.%d.0/24".formatted(128 + subnet / 256, subnet % 256),
            "leases", path.resolve("ipam").toString());
    String text =
        """
        {
          "cniVersion": "1.0.0",
          "name": "{name}",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "{bridge}",
              "isGateway": true,
              "ipMasq": true,
              "hairpinMode": true,
              "ipam": {
                "type": "host-local",
                "dataDir": "{leases}",
                "ranges": [[{"subnet": "{subnet}"}]],
                "routes": [{"dst": "0.0.0.0/0"}]
              }
            },
            {"type": "portmap", "capabilities": {"portMappings": true}}
          ]
        }
        """;
    for (Map.Entry<String, Object> value : values.entrySet()) {
      text = text.replace("{" + value.getKey() + "}", value.getValue().toString());
    }
    return text;
  }
}
