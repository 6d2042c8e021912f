package io.gantry.cri.pod;

import io.gantry.proto.cri.v1.DNSConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The files that containers see as /etc/resolv.conf, /etc/hostname and /etc/hosts. They go with the
 * pod's directory.
 */
final class PodTexts implements PodPart {
  private final Path etc;

  /**
   * @param etc the host's /etc
   */
  PodTexts(Path etc) {
    this.etc = etc;
  }

  @Override
  public String name() {
    return "resolv.conf, hostname and hosts";
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    String resolvConf = resolvConf(pod.config().getDnsConfig());
    // A pod that says nothing about DNS gets what the host has.
    write(pod.paths().resolvConf(), resolvConf.isEmpty() ? host("resolv.conf") : resolvConf);
    write(pod.paths().hostname(), pod.hostname() + "\n");
    write(pod.paths().hosts(), hosts(pod));
    if (pod.users().isPresent()) {
      for (Path file :
          List.of(pod.paths().resolvConf(), pod.paths().hostname(), pod.paths().hosts())) {
        giveTo(pod.users().get(), file);
      }
    }
    return pod;
  }

  /** So that root in the pod can change them, as it can without a user namespace. */
  private static void giveTo(PodUsers users, Path file) throws IOException {
    Files.setAttribute(file, "unix:uid", users.rootUid());
    Files.setAttribute(file, "unix:gid", users.rootGid());
  }

  @Override
  public void undo(Pod pod) {}

  /** resolv.conf(5), in the order of the CRI's fields as other runtimes write them. */
  static String resolvConf(DNSConfig config) {
    List<String> lines = new ArrayList<>();
    if (config.getSearchesCount() > 0) {
      lines.add("search " + String.join(" ", config.getSearchesList()));
    }
    config.getServersList().forEach(server -> lines.add("nameserver " + server));
    if (config.getOptionsCount() > 0) {
      lines.add("options " + String.join(" ", config.getOptionsList()));
    }
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  /** The host's, and where the pod has addresses of its own, those of its name. */
  private String hosts(Pod pod) throws IOException {
    var hosts = new StringBuilder(host("hosts"));
    if (!hosts.isEmpty() && hosts.charAt(hosts.length() - 1) != '\n') {
      hosts.append('\n');
    }
    pod.ips().forEach(ip -> hosts.append(ip).append('\t').append(pod.hostname()).append('\n'));
    return hosts.toString();
  }

  private String host(String name) throws IOException {
    try {
      return Files.readString(etc.resolve(name), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Latin-1 both ways keeps every byte of the host's files as it is. */
  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }
}
