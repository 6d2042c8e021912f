package io.gantry.image.distribution.access;

/** Who asks, as far as that is proved. */
public sealed interface Identity {

  /** Somebody without credentials. */
  record Anonymous() implements Identity {
    @Override
    public String toString() {
      return "-";
    }
  }

  /** One of the users, with the right password. */
  record User(String name) implements Identity {
    @Override
    public String toString() {
      return name;
    }
  }
}
