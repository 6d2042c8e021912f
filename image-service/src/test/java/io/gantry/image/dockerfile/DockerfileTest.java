package io.gantry.image.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerfileTest {

  private static Dockerfile parse(String text) throws DockerfileException {
    return Dockerfile.parse("Dockerfile", text.getBytes(StandardCharsets.UTF_8));
  }

  private static <T extends Instruction> T only(Class<T> type, String text)
      throws DockerfileException {
    List<Instruction> all = parse("FROM scratch\n" + text).stages().get(0).instructions();
    assertEquals(1, all.size());
    return assertInstanceOf(type, all.get(0));
  }

  private static String fault(String text) {
    return assertThrows(DockerfileException.class, () -> parse(text)).getMessage();
  }

  @Test
  void stages_areThoseOfEachFrom_withTheirNames() throws DockerfileException {
    Dockerfile file =
        parse(
            "ARG V=1\n"
                + "FROM busybox:$V AS Build\n"
                + "RUN make\n\n"
                + "FROM scratch\n"
                + "COPY --from=build /a /\n");

    assertEquals(1, file.globals().size());
    assertEquals(Optional.of("build"), file.stages().get(0).from().name());
    assertEquals(1, file.stages().get(1).index());
    assertEquals(0, file.stage("BUILD").orElseThrow().index());
    assertEquals(1, file.stage("").orElseThrow().index());
    assertEquals(Optional.empty(), file.stage("other"));
  }

  @Test
  void lines_areJoinedAtTheEscapeCharacter_withoutCommentsBetween() throws DockerfileException {
    Instruction.Run run =
        only(Instruction.Run.class, "RUN a \\\n  # a comment\n\n  && b \\  \n  && c");

    assertEquals(new Command.Shell("a   && b   && c"), run.command());
  }

  @Test
  void escapeDirective_changesTheCharacter() throws DockerfileException {
    Dockerfile file = parse("# escape=`\nFROM scratch\nRUN a `\nb\n");

    assertEquals(
        new Command.Shell("a b"),
        ((Instruction.Run) file.stages().get(0).instructions().get(0)).command());
  }

  @Test
  void directives_endAtTheFirstOtherLine() throws DockerfileException {
    assertEquals(
        "docker/dockerfile:1",
        parse("# syntax=docker/dockerfile:1\nFROM a").directives().get("syntax"));
    assertTrue(parse("# a comment\n# syntax=docker/dockerfile:1\nFROM a").directives().isEmpty());
  }

  @Test
  void commands_areForAShell_orInJsonForm() throws DockerfileException {
    assertEquals(
        new Command.Exec(List.of("a", "b c")),
        only(Instruction.Cmd.class, "CMD [\"a\", \"b c\"]").command());
    assertEquals(
        new Command.Shell("[ -f /a ] && b"),
        only(Instruction.Cmd.class, "CMD [ -f /a ] && b").command());
    assertEquals(
        new Command.Shell("[\"a\"] more"),
        only(Instruction.Entrypoint.class, "ENTRYPOINT [\"a\"] more").command());
  }

  @Test
  void heredocs_areTakenIn_withOrWithoutTabs() throws DockerfileException {
    Instruction.Run run =
        only(Instruction.Run.class, "RUN <<-EOF cat >/a && cat <<'B'\n\tone\n\tEOF\n$two\nB\n");

    assertEquals(2, run.heredocs().size());
    assertEquals("one\n", run.heredocs().get(0).content());
    assertTrue(run.heredocs().get(0).expand());
    assertEquals("$two\n", run.heredocs().get(1).content());
    assertEquals(false, run.heredocs().get(1).expand());
  }

  @Test
  void copy_hasItsFlagsAndWords() throws DockerfileException {
    Instruction.Copy copy =
        only(
            Instruction.Copy.class,
            "COPY --from=build --chown=1:2 --chmod=0755 --link --exclude=*.md --exclude=b a 'b c'"
                + " /d/");

    assertEquals(List.of("a", "'b c'"), copy.sources().stream().map(Word::raw).toList());
    assertEquals("/d/", copy.destination().raw());
    assertEquals(Optional.of("build"), copy.from().map(Word::raw));
    assertEquals(2, copy.excludes().size());
    assertTrue(copy.link());
  }

  @Test
  void mounts_ofRun_haveTheirOptionsByOneName() throws DockerfileException {
    Instruction.Run run =
        only(
            Instruction.Run.class,
            "RUN --mount=type=cache,dst=/c,ro --mount=type=secret,id=s --network=none make");

    assertEquals(Optional.of("/c"), run.mounts().get(0).option("target"));
    assertEquals(Optional.of("true"), run.mounts().get(0).option("readonly"));
    assertEquals(RunMount.Type.SECRET, run.mounts().get(1).type());
    assertEquals(Optional.of("none"), run.network());
  }

  @Test
  void healthCheck_hasDurationsAsGoWritesThem() throws DockerfileException {
    Instruction.HealthCheck check =
        only(
            Instruction.HealthCheck.class,
            "HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=3 CMD curl -f localhost");

    assertEquals(90_000_000_000L, check.intervalNanos());
    assertEquals(1_500_000_000L, check.timeoutNanos());
    assertEquals(3, check.retries());
    assertEquals(Optional.of(new Command.Shell("curl -f localhost")), check.command());
    assertEquals(
        Optional.empty(), only(Instruction.HealthCheck.class, "HEALTHCHECK NONE").command());
  }

  @Test
  void env_hasPairs_orOneValueInTheOldForm() throws DockerfileException {
    assertEquals(
        List.of("a=1", "b=\"x y\""),
        only(Instruction.Env.class, "ENV a=1 b=\"x y\"").pairs().stream()
            .map(pair -> pair.name().raw() + "=" + pair.value().raw())
            .toList());
    assertEquals("x  y", only(Instruction.Env.class, "ENV a x  y").pairs().get(0).value().raw());
  }

  @Test
  void fault_isShownWithFileLineAndCaret() {
    assertEquals(
        "Dockerfile:2:1: unknown instruction: COPPY; did you mean COPY?\n    COPPY a b\n    ^",
        fault("FROM scratch\nCOPPY a b\n"));
    assertEquals(
        "Dockerfile:3:3: COPY has no flag --frm; it has --chmod, --chown, --exclude, --from,"
            + " --link, --parents\n      --frm=a b c\n      ^",
        fault("FROM scratch\nCOPY \\\n  --frm=a b c\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RUN a                                | no image to build on yet",
        "FROM                                 | FROM takes an image",
        "FROM a b c d                         | FROM takes an image",
        "FROM a AS 1x                         | a stage's name begins with a letter",
        "FROM a AS b~FROM c AS b              | there is a stage b already",
        "FROM a~ENV                           | ENV needs at least one",
        "FROM a~ENV x                         | ENV needs a value for x",
        "FROM a~ENV a=1 b                     | not of the form NAME=value",
        "FROM a~COPY a                        | needs at least one source",
        "FROM a~COPY 'a b                     | the quote that begins here does not end",
        "FROM a~ADD --keep-git-dir=true a b   | git repositories",
        "FROM a~RUN                           | RUN needs a command",
        "FROM a~RUN --mount=type=ssh a        | no agent is forwarded",
        "FROM a~RUN --mount=type=x,target=/ a | --mount has no type",
        "FROM a~RUN --mount=type=cache a      | needs a target",
        "FROM a~RUN --mount=type=bind,target=/b,nothing=1 a | has no option",
        "FROM a~RUN --security=insecure a     | not given to builds",
        "FROM a~RUN --network=other a         | --network is default, none or host",
        "FROM a~RUN cat <<EOF~x               | the here-document has no end",
        "FROM a~CMD [\"a\", 1]                | strings only",
        "FROM a~SHELL sh                      | SHELL takes an array",
        "FROM a~HEALTHCHECK a                 | followed by NONE or CMD",
        "FROM a~HEALTHCHECK --interval=1 CMD a| is a duration",
        "FROM a~ONBUILD FROM b                | FROM cannot follow ONBUILD",
        "FROM a~ONBUILD ONBUILD RUN b         | ONBUILD cannot follow ONBUILD",
        "FROM a~USER a b                      | USER takes one argument",
        "FROM a~ARG 1=2                       | no name for an argument",
        "# escape=x~FROM a                    | the escape character is",
        "# escape=`~# escape=`~FROM a         | only one escape parser directive",
        "# nothing                            | there is no FROM",
      })
  void faultyFiles_areRefusedInWords(String text, String words) {
    String message = fault(text.replace('~', '\n'));

    assertTrue(message.contains(words), message);
    assertTrue(message.startsWith("Dockerfile:"), message);
  }
}
