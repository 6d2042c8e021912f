package io.gantry.cri.selinux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The labels that the node's policy has for containers: {@code lxc_contexts} of the policy that
 * /etc/selinux/config names, as other runtimes read them.
 *
 * @param process of a container's processes
 * @param file of its files
 */
public record SeLinuxDefaults(SeLinuxLabel process, SeLinuxLabel file) {

  /** What the policies of distributions have, and policies without that file are taken to have. */
  public static final SeLinuxDefaults USUAL =
      new SeLinuxDefaults(
          new SeLinuxLabel("system_u", "system_r", "container_t", "s0"),
          new SeLinuxLabel("system_u", "object_r", "container_file_t", "s0"));

  /**
   * @param selinux /etc/selinux
   * @throws IOException if a file is there and cannot be understood
   */
  public static SeLinuxDefaults read(Path selinux) throws IOException {
    String policy = settings(selinux.resolve("config")).getOrDefault("SELINUXTYPE", "targeted");
    Path file = selinux.resolve(policy).resolve("contexts/lxc_contexts");
    Map<String, String> contexts = settings(file);
    try {
      return new SeLinuxDefaults(
          SeLinuxLabel.parse(contexts.getOrDefault("process", USUAL.process.toString())),
          SeLinuxLabel.parse(contexts.getOrDefault("file", USUAL.file.toString())));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Lines NAME = VALUE, the value perhaps in quotes; empty without the file. */
  private static Map<String, String> settings(Path file) throws IOException {
    Map<String, String> settings = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.stripLeading().startsWith("#")) {
          String value = line.substring(equals + 1).strip();
          settings.put(line.substring(0, equals).strip(), value.replace("\"", ""));
        }
      }
    } catch (NoSuchFileException none) {
      return Map.of();
    }
    return settings;
  }
}
