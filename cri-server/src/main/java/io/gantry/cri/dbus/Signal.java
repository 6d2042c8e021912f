package io.gantry.cri.dbus;

import java.util.List;

/**
 * Something that a peer tells everybody.
 *
 * @param path of the object that it is about
 * @param body strings, {@link Integer}s, {@link Long}s, {@link Boolean}s, and lists of these
 */
public record Signal(String path, String interfaceName, String name, List<Object> body) {
  public Signal {
    body = List.copyOf(body);
  }
}
