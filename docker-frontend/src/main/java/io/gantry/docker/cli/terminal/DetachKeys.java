package io.gantry.docker.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Watches what is typed for the keys that leave a container running. */
public final class DetachKeys {
  public static final String DEFAULT = "ctrl-p,ctrl-q";

  private final byte[] keys;
  private int matched;

  private DetachKeys(byte[] keys) {
    this.keys = keys;
  }

  /**
   * Reads a sequence such as {@code ctrl-p,ctrl-q} or {@code a,b}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static DetachKeys parse(String sequence) {
    List<Byte> keys = new ArrayList<>();
    for (String key : sequence.split(",")) {
      if (key.length() == 1) {
        keys.add((byte) key.charAt(0));
      } else if (key.length() == 6 && key.startsWith("ctrl-") && isControl(key.charAt(5))) {
        keys.add((byte) (key.charAt(5) & 0x1f));
      } else {
        throw new IllegalArgumentException(
            "invalid detach keys ("
                + sequence
                + "): unknown character: '"
                + key
                + "'; write them as ctrl-p,ctrl-q");
      }
    }
    byte[] bytes = new byte[keys.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = keys.get(i);
    }
    return new DetachKeys(bytes);
  }

  private static boolean isControl(char c) {
    return c >= 'a' && c <= 'z' || "@[\\]^_".indexOf(c) >= 0;
  }

  /**
   * Takes typed bytes in.
   *
   * @param typed a buffer
   * @param count how much of it was typed
   * @return what is to be passed on; null once the keys are complete
   */
  public byte[] filter(byte[] typed, int count) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream(count + keys.length);
    for (int i = 0; i < count; i++) {
      if (typed[i] == keys[matched]) {
        matched++;
        if (matched == keys.length) {
          return null;
        }
        continue;
      }
      out.write(keys, 0, matched); // was no detaching after all
      matched = 0;
      if (typed[i] == keys[0]) {
        matched = 1;
      } else {
        out.write(typed[i]);
      }
    }
    return out.toByteArray();
  }
}
