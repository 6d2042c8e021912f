package io.gantry.image.dockerfile;

import io.gantry.image.dockerfile.Instruction.Origin;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads COPY and ADD. */
final class FileInstructions {
  private static final Set<String> COPY_FLAGS =
      Set.of("from", "chown", "chmod", "link", "parents", "exclude");
  private static final Set<String> ADD_FLAGS =
      Set.of("chown", "chmod", "link", "exclude", "checksum", "keep-git-dir", "unpack");

  private final SourceFile file;
  private final Arguments arguments;

  FileInstructions(SourceFile file, Arguments arguments) {
    this.file = file;
    this.arguments = arguments;
  }

  Instruction copy(Origin origin, Flags flags, List<Heredoc> heredocs) throws DockerfileException {
    flags.check("COPY", COPY_FLAGS);
    return read(origin, false, flags, heredocs);
  }

  Instruction add(Origin origin, Flags flags, List<Heredoc> heredocs) throws DockerfileException {
    flags.check("ADD", ADD_FLAGS);
    if (flags.flags().stream().anyMatch(flag -> flag.name().equals("keep-git-dir"))) {
      throw origin.error("--keep-git-dir is for git repositories, which ADD does not fetch here");
    }
    return read(origin, true, flags, heredocs);
  }

  private Instruction read(Origin origin, boolean adds, Flags flags, List<Heredoc> heredocs)
      throws DockerfileException {
    Text text = flags.rest().trimmed();
    List<Word> words = arguments.wordsOrJson(text);
    if (words.size() < 2) {
      throw file.error(
          text.place(0),
          (adds ? "ADD" : "COPY")
              + " needs at least one source, and a destination behind the sources");
    }
    Optional<Word> checksum = flags.one("checksum");
    if (checksum.isPresent() && words.size() > 2) {
      throw file.error(checksum.get().place(), "--checksum is for a single source");
    }
    Optional<Word> from = flags.one("from");
    if (from.isPresent() && !heredocs.isEmpty()) {
      throw file.error(
          from.get().place(), "--from names where sources are, and a here-document is here");
    }
    return new Instruction.Copy(
        origin,
        adds,
        words.subList(0, words.size() - 1),
        words.get(words.size() - 1),
        heredocs,
        from,
        flags.one("chown"),
        flags.one("chmod"),
        checksum,
        flags.all("exclude"),
        flags.bool("parents").orElse(false),
        flags.bool("link").orElse(false),
        flags.bool("unpack"));
  }
}
