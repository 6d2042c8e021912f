package io.gantry.image.distribution.wire;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry's certificate and key, read again when a file has changed, so that a renewed
 * certificate needs no restart. Thread-safe.
 */
final class TlsFiles {

  private static final Logger log = LoggerFactory.getLogger(TlsFiles.class);

  private final WireSettings.Tls files;
  // Both guarded by this.
  private List<FileTime> seen;
  private SslContext context;

  private TlsFiles(WireSettings.Tls files) {
    this.files = files;
  }

  /**
   * @throws IOException saying which files cannot be used, and why
   */
  static TlsFiles open(WireSettings.Tls files) throws IOException {
    TlsFiles opened = new TlsFiles(files);
    opened.read(opened.times());
    return opened;
  }

  /** For a connection that comes now. Files that cannot be used leave in force what was before. */
  synchronized SslContext current() {
    try {
      List<FileTime> times = times();
      if (!times.equals(seen)) {
        seen = times; // Also of files that are no good: they are complained about once.
        read(times);
        log.atInfo().addKeyValue("certificate", files.certificate()).log("certificate re-read");
      }
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("certificate", files.certificate())
          .addKeyValue("error", e.getMessage())
          .log("certificate kept as it was");
    }
    return context;
  }

  private List<FileTime> times() throws IOException {
    return List.of(
        Files.getLastModifiedTime(files.certificate()), Files.getLastModifiedTime(files.key()));
  }

  private synchronized void read(List<FileTime> times) throws IOException {
    try {
      context =
          SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      seen = times;
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "use certificate %s with key %s: %s (the key must be PEM, PKCS #8, not encrypted)"
              .formatted(files.certificate(), files.key(), e.getMessage()),
          e);
    }
  }
}
