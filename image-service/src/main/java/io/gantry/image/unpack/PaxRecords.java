package io.gantry.image.unpack;

import io.gantry.image.tree.Timestamp;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records of a pax extended header: {@code LENGTH KEY=VALUE\n}, one after the other (POSIX pax,
 * "pax Extended Header"). Values are kept as bytes, because those of extended attributes are not
 * text.
 */
final class PaxRecords {

  private static final String ATTRIBUTE = "SCHILY.xattr.";
  static final PaxRecords NONE = new PaxRecords(Map.of(), List.of());

  private final Map<String, byte[]> values;
  // GNU's sparse format 0.0 repeats these two keys; all others count once.
  private final List<Long> sparseNumbers;

  private PaxRecords(Map<String, byte[]> values, List<Long> sparseNumbers) {
    this.values = values;
    this.sparseNumbers = sparseNumbers;
  }

  static PaxRecords parse(byte[] bytes) throws MalformedTarException {
    Map<String, byte[]> values = new LinkedHashMap<>();
    List<Long> sparse = new ArrayList<>();
    int at = 0;
    while (at < bytes.length && bytes[at] != 0) {
      int space = indexOf(bytes, ' ', at, Math.min(bytes.length, at + 12));
      long length =
          space < 0
              ? 0
              : decimal(
                  new String(bytes, at, space - at, StandardCharsets.ISO_8859_1), "record length");
      int end = (int) Math.min(at + length, Integer.MAX_VALUE);
      int equals = space < 0 ? -1 : indexOf(bytes, '=', space + 1, Math.min(end, bytes.length));
      if (end > bytes.length || equals < 0 || bytes[end - 1] != '\n') {
        throw new MalformedTarException("a pax header's record is malformed");
      }
      String key = new String(bytes, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
      byte[] value = Arrays.copyOfRange(bytes, equals + 1, end - 1);
      if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
        sparse.add(decimal(new String(value, StandardCharsets.ISO_8859_1), key));
      }
      values.put(key, value);
      at = end;
    }
    return new PaxRecords(values, sparse);
  }

  /** These records, and those of {@code global} that are not among them. */
  PaxRecords over(PaxRecords global) {
    if (global.values.isEmpty()) {
      return this;
    }
    Map<String, byte[]> merged = new LinkedHashMap<>(global.values);
    merged.putAll(values);
    return new PaxRecords(merged, sparseNumbers);
  }

  private static int indexOf(byte[] bytes, char wanted, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static long decimal(String text, String what) throws MalformedTarException {
    if (!text.matches("[0-9]{1,18}")) {
      throw new MalformedTarException("a pax header's " + what + " is not a number");
    }
    return Long.parseLong(text);
  }

  /** A value that is there and not empty; an empty one takes back a global one. */
  Optional<String> text(String key) throws MalformedTarException {
    byte[] value = values.get(key);
    if (value == null || value.length == 0) {
      return Optional.empty();
    }
    if (indexOf(value, '\0', 0, value.length) >= 0) {
      throw new MalformedTarException("a pax header's " + key + " holds a zero byte");
    }
    return Optional.of(new String(value, StandardCharsets.ISO_8859_1));
  }

  Optional<Long> number(String key) throws MalformedTarException {
    Optional<String> text = text(key);
    return text.isEmpty() ? Optional.empty() : Optional.of(decimal(text.get(), key));
  }

  Optional<Timestamp> time(String key) throws MalformedTarException {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.get().matches("-?[0-9]{1,12}(\\.[0-9]{0,30})?")) {
      throw new MalformedTarException("a pax header's " + key + " is not a time");
    }
    BigDecimal seconds = new BigDecimal(text.get());
    BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
    return Optional.of(
        new Timestamp(whole.longValue(), seconds.subtract(whole).movePointRight(9).intValue()));
  }

  Map<String, byte[]> attributes() {
    Map<String, byte[]> attributes = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(ATTRIBUTE)) {
            attributes.put(key.substring(ATTRIBUTE.length()), value);
          }
        });
    return attributes;
  }

  /** The numbers of a sparse file's map, offset and length by turns: GNU's format 0.0 or 0.1. */
  Optional<List<Long>> sparseMap() throws MalformedTarException {
    Optional<String> map = text("GNU.sparse.map");
    if (map.isEmpty()) {
      return sparseNumbers.isEmpty() ? Optional.empty() : Optional.of(sparseNumbers);
    }
    List<Long> numbers = new ArrayList<>();
    for (String number : map.get().split(",", -1)) {
      numbers.add(decimal(number, "sparse map"));
    }
    return Optional.of(numbers);
  }
}
