package io.gantry.cri.spec;

import io.gantry.proto.cri.v1.Signal;
import java.util.Locale;
import java.util.Optional;

/** Which signal asks a container to end. */
public final class StopSignals {
  /**
   * Numbers of signal(7) by the CRI's own numbers, which follow the alphabet; real-time ones are
   * computed.
   */
  private static final int[] NUMBERS = {
    0, 6, 14, 7, 17, 17, 18, 8, 1, 4, 2, 29, 6, 9, 13, 29, 27, 30, 3, 11, 16, 19, 31, 15, 5, 20, 21,
    22, 23, 10, 12, 26, 28, 24, 25
  };

  private StopSignals() {}

  /**
   * The request's signal, else the image's, else SIGTERM. An image may write a name with or without
   * SIG in front, or a number; one that cannot be understood counts as none, since it must not keep
   * a container from stopping.
   */
  public static Signal effective(Signal requested, String imageSignal) {
    if (requested != Signal.SIGNAL_RUNTIME_DEFAULT && requested != Signal.UNRECOGNIZED) {
      return requested;
    }
    return parse(imageSignal).orElse(Signal.SIGNAL_SIGTERM);
  }

  /** The kernel's number for a signal, 1 to 64; the default counts as SIGTERM. */
  public static int number(Signal signal) {
    if (signal == Signal.SIGNAL_RUNTIME_DEFAULT || signal == Signal.UNRECOGNIZED) {
      return NUMBERS[Signal.SIGNAL_SIGTERM_VALUE];
    }
    // The C library keeps 32 and 33 for itself, so that SIGRTMIN is 34: one less than the CRI's
    // number.
    return signal.getNumber() < NUMBERS.length
        ? NUMBERS[signal.getNumber()]
        : signal.getNumber() - 1;
  }

  /** The signal that a name or number of signal(7) means, if it means one. */
  public static Optional<Signal> parse(String text) {
    String name = text.strip().toUpperCase(Locale.ROOT);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (name.chars().allMatch(Character::isDigit)) {
      return name.length() > 2 ? Optional.empty() : ofNumber(Integer.parseInt(name));
    }
    String full = "SIGNAL_" + (name.startsWith("SIG") ? name : "SIG" + name);
    full = full.replace("+", "PLUS").replace("-", "MINUS");
    for (Signal signal : Signal.values()) {
      if (signal.name().equals(full)) {
        return Optional.of(signal);
      }
    }
    return Optional.empty();
  }

  private static Optional<Signal> ofNumber(int number) {
    for (Signal signal : Signal.values()) {
      if (signal != Signal.SIGNAL_RUNTIME_DEFAULT
          && signal != Signal.UNRECOGNIZED
          && number(signal) == number) {
        return Optional.of(signal);
      }
    }
    return Optional.empty();
  }
}
