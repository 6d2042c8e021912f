package io.gantry.runtime.container;

import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciResources;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Accesses every container has whatever its device rules say: the nodes that the runtime makes by
 * itself would be of no use without (config-linux.md, "Default Devices").
 */
final class DefaultDevices {
  private DefaultDevices() {}

  /** The same limits with the default accesses behind the rules, if there are rules. */
  static OciResources allowIn(OciResources resources) {
    List<OciDeviceRule> rules = new ArrayList<>(resources.devices());
    if (rules.isEmpty() || allowsAll(rules.get(rules.size() - 1))) {
      return resources;
    }
    // Making a node is harmless as long as it cannot be opened.
    rules.add(new OciDeviceRule(true, 'c', OptionalLong.empty(), OptionalLong.empty(), "m"));
    rules.add(new OciDeviceRule(true, 'b', OptionalLong.empty(), OptionalLong.empty(), "m"));
    long[][] numbers = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}};
    for (long[] number : numbers) {
      rules.add(
          new OciDeviceRule(
              true, 'c', OptionalLong.of(number[0]), OptionalLong.of(number[1]), "rwm"));
    }
    // Terminals, /dev/pts/*.
    rules.add(new OciDeviceRule(true, 'c', OptionalLong.of(136), OptionalLong.empty(), "rwm"));
    return resources.withDevices(rules);
  }

  private static boolean allowsAll(OciDeviceRule rule) {
    return rule.allow() && rule.type() == 'a';
  }
}
