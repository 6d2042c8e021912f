package io.gantry.image.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a host proves itself and how we do.
 *
 * @param authorities PEM files with certificates trusted beside the system's
 * @param clients certificates to show
 * @param skipVerify whether any certificate for any name will do
 */
record TlsOptions(List<Path> authorities, List<ClientCertificate> clients, boolean skipVerify) {

  /** The system's trust, nothing to show. */
  static final TlsOptions SYSTEM = new TlsOptions(List.of(), List.of(), false);

  /**
   * @param certificate a PEM file with the chain
   * @param key a PEM file with the key, if it is not in the same file
   */
  record ClientCertificate(Path certificate, Optional<Path> key) {
    ClientCertificate {
      Objects.requireNonNull(certificate);
      Objects.requireNonNull(key);
    }
  }

  TlsOptions {
    authorities = List.copyOf(authorities);
    clients = List.copyOf(clients);
  }
}
