package io.gantry.cri.cni;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the pods' network configuration from a template, for nodes whose addresses the cluster
 * gives out. In the template {@code {{.PodCIDR}}} stands for the first subnet, {@code
 * {{.PodCIDRRanges}}} for all as host-local's ranges, {@code {{.Routes}}} for a default route of
 * each family. Thread-safe.
 */
public final class NetworkTemplate {
  /** What is written; the only file of the directory that is gantry's. */
  static final String FILE = "10-gantry.conflist";

  private final Path template;
  private final Path directory;

  /**
   * @param directory where network configurations are read from
   */
  public NetworkTemplate(Path template, Path directory) {
    this.template = template;
    this.directory = directory;
  }

  /**
   * Writes the configuration, unless it says the same already.
   *
   * @param podCidr one subnet, or one of each family with a comma between
   * @return whether anything was written: not if somebody else's configuration is there
   * @throws IllegalArgumentException naming what is no subnet
   * @throws IOException naming the file
   */
  public synchronized boolean write(String podCidr) throws IOException {
    List<String> subnets = new ArrayList<>();
    for (String subnet : podCidr.split(",")) {
      subnets.add(check(subnet.strip()));
    }
    String text;
    try {
      text = render(Files.readString(template), subnets);
    } catch (NoSuchFileException e) {
      throw new IOException("cni.conf_template " + template + " does not exist", e);
    }
    Files.createDirectories(directory);
    Path target = directory.resolve(FILE);
    if (someoneElseConfigures() || isThere(target, text)) {
      return false;
    }
    // No reader may see half of it: it is written under a name that is no configuration's.
    Path temporary = directory.resolve(FILE + ".tmp");
    Files.writeString(temporary, text);
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private static boolean isThere(Path target, String text) throws IOException {
    try {
      return Files.readString(target, StandardCharsets.UTF_8).equals(text);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private boolean someoneElseConfigures() throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, "*.{conf,conflist,json}")) {
      for (Path file : files) {
        if (!file.getFileName().toString().equals(FILE)) {
          return true;
        }
      }
    }
    return false;
  }

  private static String check(String subnet) {
    int slash = subnet.indexOf('/');
    try {
      InetAddress address =
          InetAddresses.forString(slash < 0 ? subnet : subnet.substring(0, slash));
      int bits = Integer.parseInt(subnet.substring(slash + 1));
      if (slash > 0 && bits >= 0 && bits <= 8 * address.getAddress().length) {
        return subnet;
      }
    } catch (IllegalArgumentException e) {
      // Told below, with the whole of it.
    }
    throw new IllegalArgumentException("pod CIDR \"" + subnet + "\" is no subnet");
  }

  static String render(String template, List<String> subnets) {
    List<String> ranges = new ArrayList<>();
    List<String> routes = new ArrayList<>();
    for (String subnet : subnets) {
      ranges.add("[{\"subnet\": \"" + subnet + "\"}]");
      boolean four =
          InetAddresses.forString(subnet.substring(0, subnet.indexOf('/'))) instanceof Inet4Address;
      routes.add("{\"dst\": \"" + (four ? "0.0.0.0/0" : "::/0") + "\"}");
    }
    return template
        .replace("{{.PodCIDR}}", subnets.get(0))
        .replace("{{.PodCIDRRanges}}", "[" + String.join(", ", ranges) + "]")
        .replace("{{.Routes}}", "[" + String.join(", ", routes) + "]");
  }
}
