package io.gantry.image.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a file apart into instructions: comments and continuations go, here-documents are taken in.
 * Confined to one thread.
 */
final class Statements {
  private static final Set<String> WITH_HEREDOCS = Set.of("ADD", "COPY", "RUN");
  private static final Pattern HEREDOC = Pattern.compile("[0-9]*<<(-?)([^<]+)");

  private final SourceFile file;
  private final char escape;
  private int next;

  Statements(SourceFile file, Directives directives) {
    this.file = file;
    this.escape = directives.escape();
    this.next = directives.lines();
  }

  List<Statement> all() throws DockerfileException {
    List<Statement> all = new ArrayList<>();
    while (next < file.lines().size()) {
      Text text = instruction();
      if (!text.isEmpty()) {
        all.add(new Statement(text, heredocs(text)));
      }
    }
    return all;
  }

  /** The next line with those that continue it; empty if it says nothing. */
  private Text instruction() {
    Text whole = Text.of("", next + 1);
    boolean continued = true;
    boolean begun = false;
    while (continued && next < file.lines().size()) {
      String line = file.lines().get(next++);
      if (isComment(line) || line.isBlank()) {
        // Within an instruction such lines count as not being there.
        continued = begun;
        continue;
      }
      begun = true;
      int end = continuation(line);
      continued = end >= 0;
      whole = whole.then(Text.of(line, next).part(0, continued ? end : line.length()));
    }
    return whole.trimmed();
  }

  private static boolean isComment(String line) {
    return line.stripLeading().startsWith("#");
  }

  /** Where the escape character stands that continues the line; -1 if none does. */
  private int continuation(String line) {
    int last = line.length() - 1;
    while (last >= 0 && Text.isBlank(line.charAt(last))) {
      last--;
    }
    boolean continues =
        last >= 0 && line.charAt(last) == escape && (last == 0 || line.charAt(last - 1) != escape);
    return continues ? last : -1;
  }

  private List<Heredoc> heredocs(Text text) throws DockerfileException {
    List<Heredoc> heredocs = new ArrayList<>();
    if (!takesHeredocs(text)) {
      return heredocs;
    }
    for (Word word : new Words(file, escape).tolerant(text)) {
      Matcher matcher = HEREDOC.matcher(word.raw());
      if (matcher.matches()) {
        String quoted = matcher.group(2);
        String name = quoted.replaceAll("[\"'" + Pattern.quote(String.valueOf(escape)) + "]", "");
        if (!name.isEmpty()) {
          heredocs.add(heredoc(word, name, name.equals(quoted), matcher.group(1).equals("-")));
        }
      }
    }
    return heredocs;
  }

  private boolean takesHeredocs(Text text) {
    String[] words = text.toString().split("\\s+", 3);
    String first = words[0].toUpperCase(Locale.ROOT);
    return WITH_HEREDOCS.contains(first)
        || first.equals("ONBUILD")
            && words.length > 1
            && WITH_HEREDOCS.contains(words[1].toUpperCase(Locale.ROOT));
  }

  private Heredoc heredoc(Word word, String name, boolean expand, boolean stripTabs)
      throws DockerfileException {
    Place place = new Place(next + 1, 1);
    StringBuilder content = new StringBuilder();
    while (next < file.lines().size()) {
      String line = file.lines().get(next++);
      String stripped = stripTabs ? line.replaceFirst("^\t+", "") : line;
      if (stripped.equals(name)) {
        return new Heredoc(name, content.toString(), expand, stripTabs, place);
      }
      content.append(stripped).append('\n');
    }
    throw file.error(
        word.place(), "the here-document has no end: no line is just \"" + name + "\"");
  }
}
