package io.gantry.runtime.seccomp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Host;
import io.gantry.runtime.oci.OciSeccomp;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The profile that RuntimeDefault means: a list of allowed calls that grows with the kernel's age
 * and with the container's capabilities; all else is answered EPERM. It allows what containerd's
 * default allows.
 */
public final class DefaultProfile {
  private static final String RESOURCE = "default.json";
  private static final String ALLOW = "SCMP_ACT_ALLOW";

  private final Architecture architecture;
  private final Host.KernelVersion kernel;
  private final Set<String> capabilities;
  private final TreeSet<String> allowed = new TreeSet<>();
  private final List<OciSeccomp.Rule> conditional = new ArrayList<>();

  private DefaultProfile(
      Architecture architecture, Host.KernelVersion kernel, Set<String> capabilities) {
    this.architecture = architecture;
    this.kernel = kernel;
    this.capabilities = capabilities;
  }

  /**
   * The profile for a container.
   *
   * @param capabilities its bounding set, by names such as {@code CAP_SYS_ADMIN}
   */
  public static OciSeccomp of(
      Architecture architecture, Host.KernelVersion kernel, Set<String> capabilities) {
    DefaultProfile profile = new DefaultProfile(architecture, kernel, capabilities);
    try (InputStream in = DefaultProfile.class.getResourceAsStream(RESOURCE);
        JsonParser json = new JsonFactory().createParser(in)) {
      profile.read(json);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + RESOURCE, e);
    }
    return profile.build();
  }

  private OciSeccomp build() {
    List<OciSeccomp.Rule> rules = new ArrayList<>();
    rules.add(new OciSeccomp.Rule(List.copyOf(allowed), ALLOW, OptionalInt.empty(), List.of()));
    rules.addAll(conditional);
    List<String> modes = new ArrayList<>();
    for (CallingMode mode : CallingMode.values()) {
      if (mode.machine() == architecture) {
        modes.add(mode.profileName());
      }
    }
    return new OciSeccomp(
        "SCMP_ACT_ERRNO",
        OptionalInt.of(Errno.EPERM),
        modes,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        rules);
  }

  private void read(JsonParser json) throws IOException {
    expect(json.nextToken(), JsonToken.START_OBJECT);
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String group = json.currentName();
      json.nextToken();
      switch (group) {
        case "always":
          readNames(json, true);
          break;
        case "fromKernel":
        case "onArchitecture":
        case "withCapability":
          while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            readNames(json, applies(group, key));
          }
          break;
        case "withArgument":
          readRules(json, true);
          break;
        case "withoutCapability":
          while (json.nextToken() != JsonToken.END_OBJECT) {
            String capability = json.currentName();
            json.nextToken();
            readRules(json, !capabilities.contains(capability));
          }
          break;
        default:
          throw new IOException("unknown group " + group);
      }
    }
  }

  private boolean applies(String group, String key) {
    switch (group) {
      case "fromKernel":
        int dot = key.indexOf('.');
        return kernel.isAtLeast(
            Integer.parseInt(key.substring(0, dot)), Integer.parseInt(key.substring(dot + 1)));
      case "onArchitecture":
        return key.equalsIgnoreCase(architecture.name());
      default:
        return capabilities.contains(key);
    }
  }

  private void readNames(JsonParser json, boolean take) throws IOException {
    expect(json.currentToken(), JsonToken.START_ARRAY);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (take) {
        allowed.add(json.getText());
      }
    }
  }

  private void readRules(JsonParser json, boolean take) throws IOException {
    expect(json.currentToken(), JsonToken.START_ARRAY);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      OciSeccomp.Rule rule = readRule(json);
      if (take) {
        conditional.add(rule);
      }
    }
  }

  private static OciSeccomp.Rule readRule(JsonParser json) throws IOException {
    String call = "";
    String action = ALLOW;
    OptionalInt errno = OptionalInt.empty();
    int argument = -1;
    String operator = "";
    long mask = 0;
    long value = 0;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "syscall" -> call = json.getText();
        case "action" -> action = json.getText();
        case "errno" -> errno = OptionalInt.of(json.getIntValue());
        case "argument" -> argument = json.getIntValue();
        case "op" -> operator = json.getText();
        case "mask" -> mask = json.getLongValue();
        case "value" -> value = json.getLongValue();
        default -> throw new IOException("unknown field " + field);
      }
    }
    List<OciSeccomp.Argument> conditions =
        argument < 0 ? List.of() : List.of(condition(argument, operator, mask, value));
    return new OciSeccomp.Rule(List.of(call), action, errno, conditions);
  }

  private static OciSeccomp.Argument condition(int argument, String operator, long mask, long value)
      throws IOException {
    return switch (operator) {
      case "eq" -> new OciSeccomp.Argument(argument, value, 0, "SCMP_CMP_EQ");
      case "lt" -> new OciSeccomp.Argument(argument, value, 0, "SCMP_CMP_LT");
      case "gt" -> new OciSeccomp.Argument(argument, value, 0, "SCMP_CMP_GT");
      case "masked_eq" -> new OciSeccomp.Argument(argument, mask, value, "SCMP_CMP_MASKED_EQ");
      default -> throw new IOException("unknown comparison " + operator);
    };
  }

  private static void expect(JsonToken found, JsonToken wanted) throws IOException {
    if (found != wanted) {
      throw new IOException("expected " + wanted + ", found " + found);
    }
  }
}
