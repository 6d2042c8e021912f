package io.gantry.cri.nri;

import io.gantry.proto.nri.AdjustedField;
import io.gantry.proto.nri.CompoundFieldOwners;
import io.gantry.proto.nri.FieldOwners;
import io.gantry.proto.nri.LinuxResources;
import io.gantry.proto.nri.OwningPlugins;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Who changes what, while plugins are asked about one request. Two that change the same thing would
 * undo each other's work without knowing, so that is an error. Confined to one thread.
 */
final class Claims {
  /**
   * @param entry of a map or list, such as a variable's name; absent where there is one value
   */
  private record Claim(String container, AdjustedField field, Optional<String> entry) {}

  private final Map<Claim, PluginName> owners = new LinkedHashMap<>();

  void claim(String container, AdjustedField field, PluginName plugin) throws IOException {
    claim(new Claim(container, field, Optional.empty()), plugin);
  }

  /** Claims one entry of a map or list. */
  void claim(String container, AdjustedField field, String entry, PluginName plugin)
      throws IOException {
    claim(new Claim(container, field, Optional.of(entry)), plugin);
  }

  private void claim(Claim claim, PluginName plugin) throws IOException {
    PluginName before = owners.putIfAbsent(claim, plugin);
    if (before != null && !before.equals(plugin)) {
      throw new IOException(
          "NRI plugins %s and %s both change %s%s of container %s"
              .formatted(
                  before,
                  plugin,
                  claim.field().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                  claim.entry().map(entry -> " " + entry).orElse(""),
                  claim.container()));
    }
  }

  /** Several plugins may add to it. */
  void share(String container, AdjustedField field, PluginName plugin) {
    owners.put(new Claim(container, field, Optional.empty()), plugin);
  }

  /** Whoever claimed it has been overruled on purpose. */
  void release(String container, AdjustedField field, Optional<String> entry) {
    owners.remove(new Claim(container, field, entry));
  }

  /** Claims every limit that a plugin sets. */
  void claim(String container, LinuxResources limits, PluginName plugin) throws IOException {
    for (Map.Entry<AdjustedField, Boolean> set : LimitFields.of(limits).entrySet()) {
      if (set.getValue()) {
        claim(container, set.getKey(), plugin);
      }
    }
    for (var limit : limits.getHugepageLimitsList()) {
      claim(container, AdjustedField.HUGEPAGE_LIMITS, limit.getPageSize(), plugin);
    }
    for (String file : limits.getUnifiedMap().keySet()) {
      claim(container, AdjustedField.CGROUPS_UNIFIED, file, plugin);
    }
  }

  /** The table of who changed what. */
  OwningPlugins toMessage() {
    Map<String, FieldOwners.Builder> containers = new LinkedHashMap<>();
    Map<String, Map<Integer, CompoundFieldOwners.Builder>> compounds = new LinkedHashMap<>();
    owners.forEach(
        (claim, plugin) -> {
          int field = claim.field().getNumber();
          FieldOwners.Builder fields =
              containers.computeIfAbsent(claim.container(), id -> FieldOwners.newBuilder());
          if (claim.entry().isEmpty()) {
            fields.putSimple(field, plugin.toString());
          } else {
            compounds
                .computeIfAbsent(claim.container(), id -> new LinkedHashMap<>())
                .computeIfAbsent(field, number -> CompoundFieldOwners.newBuilder())
                .putOwners(claim.entry().get(), plugin.toString());
          }
        });
    compounds.forEach(
        (container, fields) ->
            fields.forEach(
                (field, entries) -> containers.get(container).putCompound(field, entries.build())));
    OwningPlugins.Builder message = OwningPlugins.newBuilder();
    containers.forEach((container, fields) -> message.putOwners(container, fields.build()));
    return message.build();
  }
}
