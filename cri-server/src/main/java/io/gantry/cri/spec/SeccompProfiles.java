package io.gantry.cri.spec;

import io.gantry.runtime.oci.OciSeccomp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** Where system call filters come from. Thread-safe. */
public interface SeccompProfiles {

  /**
   * The built-in profile for a container that holds these capabilities: some calls are allowed with
   * one only.
   */
  OciSeccomp runtimeDefault(Set<String> capabilities) throws IOException;

  /**
   * A profile file in the JSON form of the OCI runtime specification's {@code linux.seccomp}.
   *
   * @throws IOException if it cannot be read or is not such a document
   */
  OciSeccomp read(Path file) throws IOException;
}
