package io.gantry.docker.cli.template;

import io.gantry.docker.cli.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The functions of Go's templates, and those that docker adds. */
final class Functions {
  static final Set<String> NAMES =
      Set.of(
          "and",
          "or",
          "not",
          "len",
          "index",
          "slice",
          "print",
          "println",
          "printf",
          "eq",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "json",
          "join",
          "lower",
          "upper",
          "title",
          "split",
          "truncate",
          "pad",
          "html",
          "urlquery");

  private Functions() {}

  static Json call(String name, List<Value> values) throws TemplateFailure {
    List<Json> words = new ArrayList<>(values.size());
    for (Value value : values) {
      words.add(value.json());
    }
    require(name, words, minimum(name));
    return switch (name) {
      case "not" -> Json.of(!values.get(0).isTrue());
      case "len" -> Json.of(length(words.get(0)));
      case "index" -> index(words);
      case "slice" -> slice(words);
      case "print" -> Json.of(spaced(words, false));
      case "println" -> Json.of(spaced(words, true) + "\n");
      case "printf" -> Json.of(Formatter.format(words));
      case "eq" -> Json.of(equalToAny(words));
      case "ne" -> Json.of(!same(words.get(0), words.get(1)));
      case "lt" -> Json.of(compare(words) < 0);
      case "le" -> Json.of(compare(words) <= 0);
      case "gt" -> Json.of(compare(words) > 0);
      case "ge" -> Json.of(compare(words) >= 0);
      case "json" -> Json.of(words.get(0).toString());
      case "join" -> Json.of(String.join(words.get(1).text(), printedItems(words.get(0))));
      case "lower" -> Json.of(Value.text(words.get(0), "").toLowerCase(Locale.ROOT));
      case "upper" -> Json.of(Value.text(words.get(0), "").toUpperCase(Locale.ROOT));
      case "title" -> Json.of(title(Value.text(words.get(0), "")));
      case "split" -> split(words.get(0).text(), words.get(1).text());
      case "truncate" -> Json.of(truncate(words.get(0).text(), words.get(1).number()));
      case "pad" -> Json.of(pad(words));
      case "html" -> Json.of(html(spaced(words, false)));
      case "urlquery" ->
          Json.of(
              java.net.URLEncoder.encode(
                  spaced(words, false), java.nio.charset.StandardCharsets.UTF_8));
      default -> throw new TemplateFailure("function \"" + name + "\" not defined");
    };
  }

  private static int minimum(String name) {
    return switch (name) {
      case "print", "println" -> 0;
      case "eq", "ne", "lt", "le", "gt", "ge", "join", "split", "truncate" -> 2;
      case "pad" -> 3;
      default -> 1;
    };
  }

  private static void require(String name, List<Json> words, int count) throws TemplateFailure {
    if (words.size() < count) {
      throw new TemplateFailure(
          "template: :1: wrong number of args for "
              + name
              + ": want at least "
              + count
              + " got "
              + words.size());
    }
  }

  private static int length(Json value) throws TemplateFailure {
    if (value.isObject()) {
      return value.fields().size();
    }
    if (value.isText()) {
      return value.text().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    }
    if (value.isArray() || value.isNull()) {
      return value.items().size();
    }
    throw new TemplateFailure("template: :1: error calling len: len of " + value.text());
  }

  private static Json index(List<Json> words) throws TemplateFailure {
    Json found = words.get(0);
    for (Json key : words.subList(1, words.size())) {
      if (found.isArray()) {
        long at = key.number();
        if (at < 0 || at >= found.items().size()) {
          throw new TemplateFailure(
              "template: :1: error calling index: reflect: slice index out of range: "
                  + at
                  + " of "
                  + found.items().size());
        }
        found = found.items().get((int) at);
      } else if (found.isText()) {
        found = Json.of(found.text().charAt((int) key.number()));
      } else {
        found = found.has(key.text()) ? found.get(key.text()) : Json.of("");
      }
    }
    return found;
  }

  private static Json slice(List<Json> words) throws TemplateFailure {
    Json whole = words.get(0);
    int size = whole.isText() ? whole.text().length() : whole.items().size();
    int from = words.size() > 1 ? (int) words.get(1).number() : 0;
    int to = words.size() > 2 ? (int) words.get(2).number() : size;
    if (from < 0 || to > size || from > to) {
      throw new TemplateFailure(
          "template: :1: error calling slice: index out of range: " + to + " of " + size);
    }
    return whole.isText()
        ? Json.of(whole.text().substring(from, to))
        : Json.array(whole.items().subList(from, to));
  }

  /** Print puts spaces between operands when neither is text, println always. */
  private static String spaced(List<Json> words, boolean always) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      boolean apart = i > 0 && !words.get(i).isText() && !words.get(i - 1).isText();
      out.append(i > 0 && (always || apart) ? " " : "");
      out.append(Value.text(words.get(i), "<nil>"));
    }
    return out.toString();
  }

  private static boolean equalToAny(List<Json> words) {
    for (Json each : words.subList(1, words.size())) {
      if (same(words.get(0), each)) {
        return true;
      }
    }
    return false;
  }

  private static boolean same(Json one, Json other) {
    if (one.isNumber() && other.isNumber()) {
      return one.decimal() == other.decimal();
    }
    // A field that an engine leaves out is Go's zero value.
    return one.equals(other)
        || one.isNull() && other.text().isEmpty()
        || other.isNull() && one.isText() && one.text().isEmpty();
  }

  private static int compare(List<Json> words) {
    Json one = words.get(0);
    Json other = words.get(1);
    return one.isNumber() && other.isNumber()
        ? Double.compare(one.decimal(), other.decimal())
        : one.text().compareTo(other.text());
  }

  private static List<String> printedItems(Json list) {
    List<String> texts = new ArrayList<>();
    for (Json item : list.items()) {
      texts.add(Value.text(item, "<nil>"));
    }
    return texts;
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean begins = true;
    for (char c : text.toCharArray()) {
      out.append(begins ? Character.toUpperCase(c) : c);
      begins = !Character.isLetterOrDigit(c) && c != '_' && c != '\'';
    }
    return out.toString();
  }

  private static Json split(String text, String separator) {
    List<String> found = new ArrayList<>();
    if (separator.isEmpty()) {
      text.codePoints().forEach(each -> found.add(Character.toString(each)));
      return Json.texts(found);
    }
    int at = 0;
    for (int end = text.indexOf(separator); end >= 0; end = text.indexOf(separator, at)) {
      found.add(text.substring(at, end));
      at = end + separator.length();
    }
    found.add(text.substring(at));
    return Json.texts(found);
  }

  private static String truncate(String text, long length) {
    return text.length() <= length ? text : text.substring(0, (int) length);
  }

  private static String pad(List<Json> words) {
    String text = Value.text(words.get(0), "");
    return text.isEmpty()
        ? text
        : " ".repeat((int) words.get(1).number()) + text + " ".repeat((int) words.get(2).number());
  }

  private static String html(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;")
        .replace("'", "&#39;");
  }
}
