package io.gantry.docker.cli.table;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.Template;
import io.gantry.docker.cli.template.TemplateFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A list of things, printed as the user asked for it.
 *
 * @param table the template of a row by default, with tabs between columns
 * @param headers of columns, by the fields that they show
 */
public record Listing(String table, Map<String, String> headers) {
  private static final String TABLE = "table";

  /**
   * The whole list.
   *
   * @param format {@code table}, {@code table TEMPLATE}, {@code json} or a template
   */
  public String print(String format, List<? extends Fields> rows) throws TemplateFailure {
    String trimmed = format.strip();
    if (trimmed.equals("json")) {
      StringBuilder out = new StringBuilder();
      for (Fields row : rows) {
        out.append(escaped(row.all().toString())).append('\n');
      }
      return out.toString();
    }
    if (trimmed.equals(TABLE) || trimmed.isEmpty()) {
      return table(table, rows);
    }
    if (trimmed.startsWith(TABLE + " ") || trimmed.startsWith(TABLE + "\t")) {
      return table(unescaped(trimmed.substring(TABLE.length()).strip()), rows);
    }
    return lines(Template.parse(unescaped(format)), rows);
  }

  /** Go's encoder escapes what HTML would read as markup. */
  private static String escaped(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  /** The words for tab and newline are easier to type than these. */
  private static String unescaped(String format) {
    return format.replace("\\t", "\t").replace("\\n", "\n");
  }

  private String table(String template, List<? extends Fields> rows) throws TemplateFailure {
    Template row = Template.parse(template);
    return Columns.align(row.fill(new Headers(headers)) + "\n" + lines(row, rows));
  }

  private static String lines(Template template, List<? extends Fields> rows)
      throws TemplateFailure {
    StringBuilder out = new StringBuilder();
    for (Fields row : rows) {
      out.append(template.fill(row)).append('\n');
    }
    return out.toString();
  }

  /** What the first line is made of. */
  private record Headers(Map<String, String> headers) implements Fields {
    @Override
    public List<String> names() {
      return List.copyOf(headers.keySet());
    }

    @Override
    public Optional<Json> field(String name) {
      return Optional.of(
          Json.of(headers.getOrDefault(name, name.toUpperCase(java.util.Locale.ROOT))));
    }

    @Override
    public Optional<Json> field(String name, List<Json> words) {
      String last = words.get(0).text();
      last = last.substring(last.lastIndexOf('.') + 1);
      return Optional.of(Json.of(last.replace('-', ' ').replace('_', ' ')));
    }
  }
}
