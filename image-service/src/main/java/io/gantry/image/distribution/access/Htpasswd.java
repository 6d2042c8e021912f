package io.gantry.image.distribution.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * Users and their passwords from a file that Apache's {@code htpasswd -B} writes; read again when
 * it has changed. Thread-safe.
 */
public final class Htpasswd {

  private static final Logger log = LoggerFactory.getLogger(Htpasswd.class);

  private static final int COMPARISONS_AT_A_TIME = 2;

  /** What tells one state of the file from another. */
  private record Stamp(Object key, long modifiedNanos, long sizeBytes) {}

  /** The file as it was read once, with what has been proved by it since. */
  private record Users(Stamp stamp, Map<String, String> hashes, ProvedPasswords proved) {}

  private final Path file;
  // What an unknown user's password is compared with, so that it takes as long as a known one's.
  private final String nobodysHash;
  private final Semaphore comparisons = new Semaphore(COMPARISONS_AT_A_TIME);
  // Guarded by this for writing.
  private volatile Users users;

  private Htpasswd(Path file, Users users) {
    this.file = file;
    this.users = users;
    this.nobodysHash =
        users.hashes().values().stream()
            .findFirst()
            .orElseGet(() -> BCrypt.hashpw("", BCrypt.gensalt(5)));
  }

  /**
   * @throws IOException if the file cannot be read, or holds what is not a bcrypt hash; the message
   *     names the line and never quotes it
   */
  public static Htpasswd open(Path file) throws IOException {
    return new Htpasswd(file, read(file));
  }

  private static Users read(Path file) throws IOException {
    Stamp stamp = stamp(file);
    Map<String, String> hashes = new HashMap<>();
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        int colon = line.indexOf(':');
        String hash = line.substring(colon + 1);
        if (colon < 1 || !isBcrypt(hash)) {
          throw new IOException(
              file
                  + ":"
                  + (i + 1)
                  + ": not USER:HASH with a bcrypt hash, as \"htpasswd -B\" makes it");
        }
        hashes.put(line.substring(0, colon), hash);
      }
    }
    return new Users(stamp, hashes, new ProvedPasswords());
  }

  private static boolean isBcrypt(String hash) {
    return hash.matches("\\$2[aby]\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}");
  }

  private static Stamp stamp(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    return new Stamp(now.fileKey(), now.lastModifiedTime().to(TimeUnit.NANOSECONDS), now.size());
  }

  /** Whether there is such a user with that password. */
  boolean matches(String user, String password) throws IOException {
    Users now = current();
    String hash = now.hashes().get(user);
    if (hash != null && now.proved().contains(user, password)) {
      return true;
    }
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    boolean same = compare(bytes, hash == null ? nobodysHash : hash);
    if (hash == null || !same) {
      return false;
    }
    now.proved().add(user, password);
    return true;
  }

  /** Few at a time: bcrypt is work by design, and guessing must not take the whole machine. */
  private boolean compare(byte[] password, String hash) {
    comparisons.acquireUninterruptibly();
    try {
      return BCrypt.checkpw(password, hash);
    } finally {
      comparisons.release();
    }
  }

  /** A file that cannot be used leaves in force what was before. */
  private Users current() throws IOException {
    Stamp now = stamp(file);
    if (now.equals(users.stamp())) {
      return users;
    }
    synchronized (this) {
      if (!now.equals(users.stamp())) {
        try {
          users = read(file);
          log.atInfo().addKeyValue("file", file).log("users re-read");
        } catch (IOException e) {
          // With the new stamp, so that it is complained about once.
          users = new Users(now, users.hashes(), users.proved());
          log.atWarn().addKeyValue("error", e.getMessage()).log("users kept as they were");
        }
      }
      return users;
    }
  }
}
