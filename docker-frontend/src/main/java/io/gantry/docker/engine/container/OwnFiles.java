package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that a container sees as /etc/hosts, /etc/hostname and /etc/resolv.conf. They are
 * written before each start.
 */
final class OwnFiles {
  private static final String LOOPBACK =
      """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::\tip6-localnet
      ff00::\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      """;

  private final Path directory;

  OwnFiles(Path directory) {
    this.directory = directory;
  }

  Path hosts() {
    return directory.resolve("hosts");
  }

  Path hostname() {
    return directory.resolve("hostname");
  }

  Path resolver() {
    return directory.resolve("resolv.conf");
  }

  Path seccomp() {
    return directory.resolve("seccomp.json");
  }

  /** Where they are seen. */
  Map<String, Path> mounts() {
    Map<String, Path> mounts = new LinkedHashMap<>();
    mounts.put("/etc/hosts", hosts());
    mounts.put("/etc/hostname", hostname());
    mounts.put("/etc/resolv.conf", resolver());
    return mounts;
  }

  /** Writes all of them. */
  void write(
      String name,
      String domain,
      JsonNode host,
      NetworkMode network,
      Networking.Connected connected)
      throws IOException, EngineException {
    String fullName = domain.isEmpty() ? name : name + "." + domain + " " + name;
    StringBuilder text = new StringBuilder();
    if (network.isHost()) {
      text.append(Files.readString(Path.of("/etc/hosts")));
    } else {
      text.append(LOOPBACK);
      if (!connected.address().isEmpty()) {
        text.append(connected.address()).append('\t').append(fullName).append('\n');
      }
    }
    for (String extra : Json.listOf(host.path("ExtraHosts"))) {
      text.append(extraHost(extra, connected)).append('\n');
    }
    Files.writeString(hosts(), text);
    Files.writeString(
        hostname(), network.isHost() ? Files.readString(Path.of("/etc/hostname")) : name + "\n");
    Files.writeString(resolver(), resolverText(host, connected));
  }

  /** {@code name:address}; some write an equals sign. */
  static String extraHost(String text, Networking.Connected connected) throws EngineException {
    int separator = text.indexOf('=') >= 0 ? text.indexOf('=') : text.indexOf(':');
    if (separator <= 0 || separator == text.length() - 1) {
      throw EngineException.badRequest("bad format for add-host: \"" + text + "\"");
    }
    String name = text.substring(0, separator);
    String address = text.substring(separator + 1);
    if (address.equals("host-gateway")) {
      if (connected.gateway().isEmpty()) {
        throw EngineException.badRequest(
            "unable to derive the IP value for host-gateway: the container has no gateway");
      }
      address = connected.gateway();
    }
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    return address + "\t" + name;
  }

  private static String resolverText(JsonNode host, Networking.Connected connected)
      throws IOException {
    List<String> servers = Json.listOf(host.path("Dns"));
    List<String> search = Json.listOf(host.path("DnsSearch"));
    List<String> options = Json.listOf(host.path("DnsOptions"));
    StringBuilder text = new StringBuilder();
    if (!connected.dnsServer().isEmpty()) {
      servers = List.of(connected.dnsServer());
    }
    for (String line : Files.readAllLines(Path.of("/etc/resolv.conf"))) {
      boolean replaced =
          line.startsWith("nameserver") && !servers.isEmpty()
              || line.startsWith("search") && !search.isEmpty()
              || line.startsWith("options") && !options.isEmpty();
      if (!replaced) {
        text.append(line).append('\n');
      }
    }
    servers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
    if (!search.isEmpty() && !search.equals(List.of("."))) {
      text.append("search ").append(String.join(" ", search)).append('\n');
    }
    if (!options.isEmpty()) {
      text.append("options ").append(String.join(" ", options)).append('\n');
    }
    return text.toString();
  }
}
