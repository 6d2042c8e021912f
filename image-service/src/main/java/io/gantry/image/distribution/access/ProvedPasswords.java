package io.gantry.image.distribution.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers which passwords were right, for Basic authentication sends them with every request and
 * bcrypt takes its time by design. Only keyed hashes are kept, with a key that is never written
 * down. Thread-safe.
 */
final class ProvedPasswords {

  private static final int COUNT_LIMIT = 1000;
  private static final String MAC = "HmacSHA256";

  private final SecretKeySpec key;
  // Guarded by itself; the one used least recently goes first.
  private final Map<ByteBuffer, Boolean> proved =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Boolean> eldest) {
          return size() > COUNT_LIMIT;
        }
      };

  ProvedPasswords() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, MAC);
  }

  boolean contains(String user, String password) {
    ByteBuffer entry = entry(user, password);
    synchronized (proved) {
      return proved.get(entry) != null;
    }
  }

  void add(String user, String password) {
    ByteBuffer entry = entry(user, password);
    synchronized (proved) {
      proved.put(entry, true);
    }
  }

  /** A user's name has no colon, so that no other pair is written the same. */
  private ByteBuffer entry(String user, String password) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      return ByteBuffer.wrap(mac.doFinal((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no " + MAC, e);
    }
  }
}
