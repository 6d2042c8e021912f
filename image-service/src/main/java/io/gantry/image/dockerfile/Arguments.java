package io.gantry.image.dockerfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.dockerfile.Instruction.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the forms that instructions' arguments have: words, pairs, JSON arrays. */
final class Arguments {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final SourceFile file;
  private final char escape;

  Arguments(SourceFile file, char escape) {
    this.file = file;
    this.escape = escape;
  }

  /** The strings of a JSON array; nothing for text that is none. */
  Optional<List<String>> json(Text text) throws DockerfileException {
    if (text.isEmpty() || text.at(0) != '[') {
      return Optional.empty();
    }
    JsonNode array;
    try {
      array = MAPPER.readTree(text.toString());
    } catch (JsonProcessingException | StackOverflowError noJson) {
      return Optional.empty(); // A shell's test command looks so, too.
    }
    if (array == null || !array.isArray()) {
      return Optional.empty();
    }
    List<String> strings = new ArrayList<>();
    for (JsonNode one : array) {
      if (!one.isTextual()) {
        throw file.error(text.place(0), "an array in JSON form holds strings only");
      }
      strings.add(one.textValue());
    }
    return Optional.of(strings);
  }

  /** Words, or the strings of a JSON array, which stand for themselves but for variables. */
  List<Word> wordsOrJson(Text text) throws DockerfileException {
    Optional<List<String>> strings = json(text);
    if (strings.isEmpty()) {
      return words(text);
    }
    List<Word> words = new ArrayList<>();
    for (String string : strings.get()) {
      words.add(new Word(quoted(string), text.place(0)));
    }
    return words;
  }

  /** What expands to the string with its variables replaced: blanks and quotes stay. */
  private String quoted(String string) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : string.toCharArray()) {
      if (c == '"' || c == escape) {
        quoted.append(escape);
      }
      quoted.append(c);
    }
    return quoted.append('"').toString();
  }

  List<Word> words(Text text) throws DockerfileException {
    return new Words(file, escape).of(text);
  }

  Command command(Text text) throws DockerfileException {
    Optional<List<String>> strings = json(text);
    return strings.isPresent()
        ? new Command.Exec(strings.get())
        : new Command.Shell(text.toString());
  }

  /** {@code NAME=value …}, or {@code NAME value} as in old files. */
  List<Pair> pairs(String keyword, Text text) throws DockerfileException {
    List<Word> words = words(text);
    List<Pair> pairs = new ArrayList<>();
    if (words.isEmpty()) {
      return pairs;
    }
    if (words.get(0).raw().indexOf('=') < 0) {
      Text name = text.part(0, words.get(0).raw().length());
      Text value = text.from(name.length()).trimmed();
      if (value.isEmpty()) {
        throw file.error(
            words.get(0).place(),
            keyword + " needs a value for " + words.get(0).raw() + ": NAME=value");
      }
      pairs.add(new Pair(words.get(0), new Word(value.toString(), value.place(0))));
      return pairs;
    }
    for (Word word : words) {
      int equals = word.raw().indexOf('=');
      if (equals <= 0) {
        throw file.error(word.place(), "\"" + word.raw() + "\" is not of the form NAME=value");
      }
      pairs.add(
          new Pair(
              new Word(word.raw().substring(0, equals), word.place()),
              new Word(word.raw().substring(equals + 1), word.place().plus(equals + 1))));
    }
    return pairs;
  }
}
