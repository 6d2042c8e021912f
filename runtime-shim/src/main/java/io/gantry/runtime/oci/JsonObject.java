package io.gantry.runtime.oci;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An object of a parsed document that knows its own path and so can name what is wrong in it. Its
 * readers are plain loops: every lambda would cost each shim a class made at run time.
 */
final class JsonObject {
  private static final BigInteger UNSIGNED_MAX =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
  static final long UINT32_MAX = 0xffff_ffffL;

  private final String path;
  private final Map<?, ?> members;

  private JsonObject(String path, Map<?, ?> members) {
    this.path = path;
    this.members = members;
  }

  static JsonObject root(Object tree) throws OciSpecException {
    return of("", tree);
  }

  private static JsonObject of(String path, Object value) throws OciSpecException {
    if (value instanceof Map<?, ?> members) {
      return new JsonObject(path, members);
    }
    throw wrong(path.isEmpty() ? "the document" : path, "an object", value);
  }

  private static OciSpecException wrong(String path, String wanted, Object value) {
    return new OciSpecException(path + ": expected " + wanted + ", found " + describe(value));
  }

  private static String describe(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "an array";
    }
    return value instanceof String ? "\"" + value + "\"" : value.toString();
  }

  /** An error about a member of this object. */
  OciSpecException error(String name, String problem) {
    return new OciSpecException(at(name) + ": " + problem);
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  private OciSpecException missing(String name) {
    return error(name, "required but absent");
  }

  /** The object that a member is; {@code null} if it is absent. */
  JsonObject child(String name) throws OciSpecException {
    Object value = members.get(name);
    return value == null ? null : of(at(name), value);
  }

  JsonObject requiredChild(String name) throws OciSpecException {
    JsonObject child = child(name);
    if (child == null) {
      throw missing(name);
    }
    return child;
  }

  Optional<String> string(String name) throws OciSpecException {
    Object value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(text(at(name), value));
  }

  /** Like {@link #string}, but the empty string counts as absent, as Go's encoders treat it. */
  Optional<String> nonEmpty(String name) throws OciSpecException {
    Optional<String> value = string(name);
    return value.isPresent() && value.get().isEmpty() ? Optional.empty() : value;
  }

  String requiredString(String name) throws OciSpecException {
    Object value = members.get(name);
    if (value == null) {
      throw missing(name);
    }
    return text(at(name), value);
  }

  /** Strings end up as C strings in the kernel: a NUL inside would cut a path or argument short. */
  private static String text(String path, Object value) throws OciSpecException {
    if (!(value instanceof String text)) {
      throw wrong(path, "a string", value);
    }
    if (text.indexOf('\0') >= 0) {
      throw new OciSpecException(path + ": contains a NUL character");
    }
    return text;
  }

  boolean flag(String name) throws OciSpecException {
    return optionalFlag(name).orElse(Boolean.FALSE);
  }

  Optional<Boolean> optionalFlag(String name) throws OciSpecException {
    Object value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Boolean flag) {
      return Optional.of(flag);
    }
    throw wrong(at(name), "true or false", value);
  }

  OptionalLong number(String name, long min, long max) throws OciSpecException {
    Object value = members.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(integer(at(name), value, min, max));
  }

  OptionalLong int64(String name) throws OciSpecException {
    return number(name, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** A number that must fit a signed 64-bit file although its type is unsigned. */
  OptionalLong positive(String name) throws OciSpecException {
    return number(name, 0, Long.MAX_VALUE);
  }

  OptionalInt smallNumber(String name, int min, int max) throws OciSpecException {
    OptionalLong value = number(name, min, max);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  long uint32(String name) throws OciSpecException {
    return number(name, 0, UINT32_MAX).orElse(0);
  }

  long requiredNumber(String name, long min, long max) throws OciSpecException {
    OptionalLong value = number(name, min, max);
    if (value.isEmpty()) {
      throw missing(name);
    }
    return value.getAsLong();
  }

  /** The bits of an unsigned 64-bit number. */
  long uint64(String name, boolean required) throws OciSpecException {
    Object value = members.get(name);
    if (value == null) {
      if (required) {
        throw missing(name);
      }
      return 0;
    }
    if (value instanceof BigInteger big && big.signum() >= 0 && big.compareTo(UNSIGNED_MAX) <= 0) {
      return big.longValue();
    }
    return integer(at(name), value, 0, Long.MAX_VALUE);
  }

  private static long integer(String path, Object value, long min, long max)
      throws OciSpecException {
    if (value instanceof Long number) {
      if (number >= min && number <= max) {
        return number;
      }
    } else if (!(value instanceof BigInteger)) {
      throw wrong(path, "an integer", value);
    }
    throw new OciSpecException(path + ": " + value + " is outside the range " + min + " to " + max);
  }

  private List<?> array(String name) throws OciSpecException {
    Object value = members.get(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> items) {
      return items;
    }
    throw wrong(at(name), "an array", value);
  }

  List<String> strings(String name) throws OciSpecException {
    List<String> strings = new ArrayList<>();
    for (Object item : array(name)) {
      strings.add(text(at(name) + "[" + strings.size() + "]", item));
    }
    return strings;
  }

  List<Long> uint32s(String name) throws OciSpecException {
    List<Long> numbers = new ArrayList<>();
    for (Object item : array(name)) {
      numbers.add(integer(at(name) + "[" + numbers.size() + "]", item, 0, UINT32_MAX));
    }
    return numbers;
  }

  /** The objects that an array holds. */
  List<JsonObject> children(String name) throws OciSpecException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object item : array(name)) {
      objects.add(of(at(name) + "[" + objects.size() + "]", item));
    }
    return objects;
  }

  Map<String, String> stringMap(String name) throws OciSpecException {
    Map<String, String> entries = new LinkedHashMap<>();
    Object value = members.get(name);
    if (value == null) {
      return entries;
    }
    if (!(value instanceof Map<?, ?> object)) {
      throw wrong(at(name), "an object", value);
    }
    for (Map.Entry<?, ?> entry : object.entrySet()) {
      String key = (String) entry.getKey();
      entries.put(key, text(at(name) + "[\"" + key + "\"]", entry.getValue()));
    }
    return entries;
  }
}
