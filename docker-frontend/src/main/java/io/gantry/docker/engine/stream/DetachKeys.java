package io.gantry.docker.engine.stream;

import io.gantry.docker.engine.api.EngineException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The keys by which who is at a terminal leaves it without ending what runs there. */
public final class DetachKeys {
  private static final String DEFAULT = "ctrl-p,ctrl-q";
  private static final String CONTROLS = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

  private final byte[] sequence;
  private int typed;

  private DetachKeys(byte[] sequence) {
    this.sequence = sequence;
  }

  /**
   * Reads keys such as {@code ctrl-p,ctrl-q} or {@code a,b}; "" means the usual ones.
   *
   * @throws EngineException if there is no such key
   */
  public static DetachKeys parse(String text) throws EngineException {
    List<Byte> keys = new ArrayList<>();
    for (String key : (text.isEmpty() ? DEFAULT : text).split(",", -1)) {
      keys.add(keyOf(key, text));
    }
    byte[] sequence = new byte[keys.size()];
    for (int index = 0; index < sequence.length; index++) {
      sequence[index] = keys.get(index);
    }
    return new DetachKeys(sequence);
  }

  private static byte keyOf(String key, String all) throws EngineException {
    if (key.length() == 1) {
      return (byte) key.charAt(0);
    }
    if (key.startsWith("ctrl-") && key.length() == 6) {
      int control = CONTROLS.indexOf(Character.toLowerCase(key.charAt(5)));
      if (control >= 0) {
        return (byte) control;
      }
    }
    throw EngineException.badRequest(
        "Invalid detach keys (" + all + ") provided: unknown key '" + key + "'");
  }

  /**
   * What of the input goes to the program. Keys that begin the sequence are held back until it is
   * clear that they do not.
   *
   * @param passed gets these bytes
   * @return whether the sequence is complete: what follows it is nobody's
   */
  boolean filter(byte[] input, int length, ByteArrayOutputStream passed) {
    for (int index = 0; index < length; index++) {
      byte key = input[index];
      if (key != sequence[typed] && typed > 0) {
        passed.write(sequence, 0, typed);
        typed = 0;
      }
      if (key == sequence[typed]) {
        typed++;
        if (typed == sequence.length) {
          typed = 0;
          return true;
        }
      } else {
        passed.write(key);
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return Arrays.toString(sequence);
  }
}
