package io.gantry.cri.spec;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Host.KernelVersion;
import io.gantry.runtime.oci.OciSeccomp;
import io.gantry.runtime.oci.OciSpecException;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.seccomp.DefaultProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/** The built-in profile, fitted to this machine, and the files that an operator has put on it. */
public final class NodeSeccompProfiles implements SeccompProfiles {
  /** The largest profiles in use are some tens of kilobytes. */
  private static final long LIMIT_BYTES = 4 << 20;

  private final KernelVersion kernel;

  public NodeSeccompProfiles(KernelVersion kernel) {
    this.kernel = kernel;
  }

  @Override
  public OciSeccomp runtimeDefault(Set<String> capabilities) {
    return DefaultProfile.of(Architecture.current(), kernel, capabilities);
  }

  @Override
  public OciSeccomp read(Path file) throws IOException {
    try {
      if (Files.size(file) > LIMIT_BYTES) {
        throw new IOException("longer than " + LIMIT_BYTES + " bytes");
      }
      return OciSpecReader.parseSeccomp(Files.readAllBytes(file));
    } catch (NoSuchFileException missing) {
      throw new IOException("no such file", missing);
    } catch (OciSpecException malformed) {
      throw new IOException(malformed.getMessage(), malformed);
    }
  }
}
