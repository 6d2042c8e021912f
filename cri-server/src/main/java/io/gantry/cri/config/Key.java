package io.gantry.cri.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.function.Function;

/**
 * One setting.
 *
 * @param table the TOML table it stands in
 * @param name its name in the table
 * @param kind how its value is read and written
 * @param defaultValue its value where none is given; may look at other settings
 * @param whenChanged what a change needs to take effect
 * @param words what it does, its unit and range: the comment above it in the printed default
 */
record Key<T>(
    String table,
    String name,
    Kind<T> kind,
    Function<Values, T> defaultValue,
    Change whenChanged,
    String words) {

  /** What a changed value needs to take effect. */
  enum Change {
    RELOAD,
    RESTART
  }

  /** How a type of value looks in TOML. */
  interface Kind<T> {
    /**
     * Reads a value.
     *
     * @throws IllegalArgumentException saying what is expected
     */
    T read(JsonNode value);

    /** What the command line says, as the file would say it. */
    default JsonNode ofFlag(String text) {
      return TextNode.valueOf(text);
    }

    /** The value as TOML source. */
    String print(T value);
  }

  String path() {
    return table + "." + name;
  }

  T read(JsonNode value) {
    return kind.read(value);
  }

  /** This key's line of a gantry.toml that holds {@code values}. */
  String print(Values values) {
    return name + " = " + kind.print(values.get(this));
  }
}
