package io.gantry.docker.cli.container;

import io.gantry.docker.cli.json.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A container's ports in a list: those in a row are shown as a range. */
final class Ports {
  private static final Comparator<Json> ORDER =
      Comparator.<Json>comparingLong(port -> port.get("PrivatePort").number())
          .thenComparing(port -> port.get("IP").text())
          .thenComparingLong(port -> port.get("PublicPort").number())
          .thenComparing(port -> port.get("Type").text());

  private final Map<String, Range> open = new LinkedHashMap<>();
  private final List<String> shown = new ArrayList<>();
  private final List<String> moved = new ArrayList<>();

  private record Range(String address, String protocol, long first, long last) {
    String text() {
      String ports = first == last ? Long.toString(first) : first + "-" + last;
      String both = address.isEmpty() ? ports : host(address) + ":" + ports + "->" + ports;
      return both + "/" + protocol;
    }
  }

  private Ports() {}

  static String shown(List<Json> ports) {
    List<Json> sorted = new ArrayList<>(ports);
    sorted.sort(ORDER);
    Ports all = new Ports();
    sorted.forEach(all::add);
    for (Range range : all.open.values()) {
      all.shown.add(range.text());
    }
    all.shown.addAll(all.moved);
    return String.join(", ", all.shown);
  }

  /** Only ports with the same number on both sides make ranges. */
  private void add(Json port) {
    String address = port.get("IP").text();
    String protocol = port.get("Type").text();
    long inside = port.get("PrivatePort").number();
    long outside = port.get("PublicPort").number();
    if (!address.isEmpty() && outside != inside) {
      moved.add(host(address) + ":" + outside + "->" + inside + "/" + protocol);
      return;
    }
    String key = address + "/" + protocol;
    Range range = open.get(key);
    if (range != null && range.last() + 1 == inside) {
      open.put(key, new Range(address, protocol, range.first(), inside));
      return;
    }
    if (range != null) {
      shown.add(range.text());
    }
    open.put(key, new Range(address, protocol, inside, inside));
  }

  /** IPv6 addresses are put in brackets. */
  static String host(String address) {
    return address.contains(":") ? "[" + address + "]" : address;
  }
}
