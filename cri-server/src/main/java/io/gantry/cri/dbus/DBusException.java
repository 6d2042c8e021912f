package io.gantry.cri.dbus;

import java.io.IOException;

/** The peer answered a call with an error. */
public final class DBusException extends IOException {
  private static final long serialVersionUID = 1;

  private final String name;

  DBusException(String name, String message) {
    super(message.isEmpty() ? name : message);
    this.name = name;
  }

  /** Such as {@code org.freedesktop.systemd1.NoSuchUnit}. */
  public String name() {
    return name;
  }
}
