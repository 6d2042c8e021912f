package io.gantry.image.dockerfile;

import io.gantry.image.dockerfile.Instruction.Argument;
import io.gantry.image.dockerfile.Instruction.Origin;
import io.gantry.image.dockerfile.Instruction.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads one instruction. */
final class InstructionParser {
  private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9_.-]*");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Set<String> NO_TRIGGERS = Set.of("FROM", "MAINTAINER", "ONBUILD");

  private final SourceFile file;
  private final char escape;
  private final Arguments arguments;
  private final Map<String, Reader> readers = new TreeMap<>();

  /** Reads what follows one keyword. */
  private interface Reader {
    Instruction read(Origin origin, Flags flags, List<Heredoc> heredocs) throws DockerfileException;
  }

  InstructionParser(SourceFile file, char escape) {
    this.file = file;
    this.escape = escape;
    this.arguments = new Arguments(file, escape);
    FileInstructions files = new FileInstructions(file, arguments);
    RunInstructions runs = new RunInstructions(file, escape, arguments);
    readers.put("FROM", this::from);
    readers.put("ARG", this::arg);
    readers.put("ENV", (origin, flags, none) -> new Instruction.Env(origin, pairs("ENV", flags)));
    readers.put(
        "LABEL", (origin, flags, none) -> new Instruction.Label(origin, pairs("LABEL", flags)));
    readers.put("RUN", runs::run);
    readers.put("CMD", (origin, flags, none) -> new Instruction.Cmd(origin, command("CMD", flags)));
    readers.put(
        "ENTRYPOINT",
        (origin, flags, none) -> new Instruction.Entrypoint(origin, command("ENTRYPOINT", flags)));
    readers.put("COPY", files::copy);
    readers.put("ADD", files::add);
    readers.put(
        "WORKDIR",
        (origin, flags, none) -> new Instruction.Workdir(origin, whole("WORKDIR", flags)));
    readers.put("USER", (origin, flags, none) -> new Instruction.User(origin, one("USER", flags)));
    readers.put(
        "EXPOSE", (origin, flags, none) -> new Instruction.Expose(origin, words("EXPOSE", flags)));
    readers.put(
        "VOLUME",
        (origin, flags, none) -> {
          flags.check("VOLUME", Set.of());
          return new Instruction.Volume(origin, some("VOLUME", flags, wordsOrJson(flags)));
        });
    readers.put(
        "STOPSIGNAL",
        (origin, flags, none) -> new Instruction.StopSignal(origin, one("STOPSIGNAL", flags)));
    readers.put("SHELL", this::shell);
    readers.put("HEALTHCHECK", runs::healthCheck);
    readers.put("ONBUILD", this::onBuild);
    readers.put(
        "MAINTAINER",
        (origin, flags, none) -> {
          flags.check("MAINTAINER", Set.of());
          return new Instruction.Maintainer(origin, text("MAINTAINER", flags).toString());
        });
  }

  Instruction parse(Statement statement) throws DockerfileException {
    Text text = statement.text();
    int end = keywordEnd(text);
    String word = text.part(0, end).toString();
    Reader reader = readers.get(word.toUpperCase(Locale.ROOT));
    if (reader == null) {
      throw file.error(text.place(0), "unknown instruction: " + shown(word) + suggestion(word));
    }
    Flags flags = Flags.read(file, escape, text.from(end).trimmed());
    return reader.read(
        new Origin(file, escape, text.place(0), text.toString()), flags, statement.heredocs());
  }

  private static int keywordEnd(Text text) {
    int end = 0;
    while (end < text.length() && !Text.isBlank(text.at(end))) {
      end++;
    }
    return end;
  }

  private static String shown(String word) {
    return word.length() > 40 ? word.substring(0, 40) + "…" : word;
  }

  /** A keyword that differs in little. */
  private String suggestion(String word) {
    String upper = word.toUpperCase(Locale.ROOT);
    if (upper.length() > 20) {
      return "";
    }
    for (String known : readers.keySet()) {
      if (distance(upper, known) <= 2 && known.length() > 2) {
        return "; did you mean " + known + "?";
      }
    }
    return "";
  }

  private static int distance(String a, String b) {
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] now = new int[b.length() + 1];
      now[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(change, Math.min(last[j], now[j - 1]) + 1);
      }
      last = now;
    }
    return last[b.length()];
  }

  /** Refuses what may not follow ONBUILD. */
  void checkTrigger(Statement statement) throws DockerfileException {
    Text text = statement.text();
    checkTrigger(text, text.part(0, keywordEnd(text)).toString());
  }

  private void checkTrigger(Text text, String word) throws DockerfileException {
    String keyword = word.toUpperCase(Locale.ROOT);
    if (NO_TRIGGERS.contains(keyword)) {
      throw file.error(text.place(0), keyword + " cannot follow ONBUILD");
    }
  }

  private Instruction from(Origin origin, Flags flags, List<Heredoc> none)
      throws DockerfileException {
    flags.check("FROM", Set.of("platform"));
    List<Word> words = words(flags);
    boolean named = words.size() == 3 && words.get(1).raw().equalsIgnoreCase("AS");
    if (words.size() != 1 && !named) {
      throw file.error(
          place(flags), "FROM takes an image, and a name for the stage: FROM image [AS name]");
    }
    Optional<String> name = Optional.empty();
    if (named) {
      String lower = words.get(2).raw().toLowerCase(Locale.ROOT);
      if (!STAGE_NAME.matcher(lower).matches()) {
        throw file.error(
            words.get(2).place(),
            "a stage's name begins with a letter, with letters, digits, '_', '.' and '-' behind"
                + " it");
      }
      name = Optional.of(lower);
    }
    return new Instruction.From(origin, flags.one("platform"), words.get(0), name);
  }

  private Instruction arg(Origin origin, Flags flags, List<Heredoc> none)
      throws DockerfileException {
    List<Argument> declared = new ArrayList<>();
    for (Word word : words("ARG", flags)) {
      int equals = word.raw().indexOf('=');
      String name = equals < 0 ? word.raw() : word.raw().substring(0, equals);
      if (!VARIABLE.matcher(name).matches()) {
        throw file.error(
            word.place(), "\"" + shown(name) + "\" is no name for an argument: ARG NAME[=value]");
      }
      Optional<Word> value =
          equals < 0
              ? Optional.empty()
              : Optional.of(
                  new Word(word.raw().substring(equals + 1), word.place().plus(equals + 1)));
      declared.add(new Argument(name, value, word.place()));
    }
    return new Instruction.Arg(origin, declared);
  }

  private Instruction shell(Origin origin, Flags flags, List<Heredoc> none)
      throws DockerfileException {
    flags.check("SHELL", Set.of());
    Optional<List<String>> strings = arguments.json(flags.rest().trimmed());
    if (strings.isEmpty() || strings.get().isEmpty()) {
      throw file.error(
          place(flags), "SHELL takes an array in JSON form: SHELL [\"executable\", \"argument\"]");
    }
    return new Instruction.Shell(origin, strings.get());
  }

  private Instruction onBuild(Origin origin, Flags flags, List<Heredoc> heredocs)
      throws DockerfileException {
    Text trigger = text("ONBUILD", flags);
    checkTrigger(trigger, trigger.part(0, keywordEnd(trigger)).toString());
    // What cannot be read is refused now, not in some other image's build.
    parse(new Statement(trigger, heredocs));
    StringBuilder text = new StringBuilder(trigger.toString());
    for (Heredoc heredoc : heredocs) {
      text.append('\n').append(heredoc.content()).append(heredoc.name());
    }
    return new Instruction.OnBuild(origin, text.toString());
  }

  private List<Pair> pairs(String keyword, Flags flags) throws DockerfileException {
    flags.check(keyword, Set.of());
    List<Pair> pairs = arguments.pairs(keyword, flags.rest().trimmed());
    if (pairs.isEmpty()) {
      throw file.error(place(flags), keyword + " needs at least one NAME=value");
    }
    return pairs;
  }

  private Command command(String keyword, Flags flags) throws DockerfileException {
    flags.check(keyword, Set.of());
    return arguments.command(flags.rest().trimmed());
  }

  private List<Word> words(String keyword, Flags flags) throws DockerfileException {
    flags.check(keyword, Set.of());
    return some(keyword, flags, words(flags));
  }

  private List<Word> words(Flags flags) throws DockerfileException {
    return arguments.words(flags.rest().trimmed());
  }

  private List<Word> wordsOrJson(Flags flags) throws DockerfileException {
    return arguments.wordsOrJson(flags.rest().trimmed());
  }

  private List<Word> some(String keyword, Flags flags, List<Word> words)
      throws DockerfileException {
    if (words.isEmpty()) {
      throw file.error(place(flags), keyword + " needs an argument");
    }
    return words;
  }

  private Word one(String keyword, Flags flags) throws DockerfileException {
    List<Word> words = words(keyword, flags);
    if (words.size() > 1) {
      throw file.error(words.get(1).place(), keyword + " takes one argument");
    }
    return words.get(0);
  }

  /** All of the text as one word, blanks included. */
  private Word whole(String keyword, Flags flags) throws DockerfileException {
    flags.check(keyword, Set.of());
    Text text = text(keyword, flags);
    return new Word(text.toString(), text.place(0));
  }

  private Text text(String keyword, Flags flags) throws DockerfileException {
    Text text = flags.rest().trimmed();
    if (text.isEmpty()) {
      throw file.error(place(flags), keyword + " needs an argument");
    }
    return text;
  }

  private static Place place(Flags flags) {
    return flags.rest().place(0);
  }
}
