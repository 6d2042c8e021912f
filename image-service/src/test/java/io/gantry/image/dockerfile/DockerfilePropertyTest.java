package io.gantry.image.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Dockerfiles of pieces in any order: parsed, or refused in words. */
class DockerfilePropertyTest {

  private static final List<String> PIECES =
      List.of(
          "FROM ",
          "scratch",
          " AS x",
          "\n",
          "\n",
          "\n",
          "RUN ",
          "COPY ",
          "ADD ",
          "ENV ",
          "ARG ",
          "LABEL ",
          "CMD ",
          "HEALTHCHECK ",
          "ONBUILD ",
          "SHELL ",
          "EXPOSE ",
          "VOLUME ",
          "USER ",
          "WORKDIR ",
          "STOPSIGNAL ",
          "ENTRYPOINT ",
          "--from=x ",
          "--chown=",
          "--mount=type=cache,",
          "target=/x ",
          "--interval=1s ",
          "[\"a\", \"b\"]",
          "[",
          "]",
          "\"",
          "'",
          "\\",
          "\\\n",
          "`",
          "# escape=`\n",
          "#",
          "<<EOF",
          "<<-EOF",
          "<<'EOF'",
          "EOF\n",
          "a=b ",
          "$",
          "${",
          "}",
          ":-",
          "%%",
          "/",
          "*",
          "a ",
          "/b ",
          "\t",
          "\r\n",
          "ü",
          "\u0000",
          "--",
          "=",
          ",");

  @Provide
  Arbitrary<String> files() {
    return Arbitraries.of(PIECES).list().ofMaxSize(40).map(pieces -> String.join("", pieces));
  }

  @Property(tries = 2000)
  void parse_givesAFileOrSaysWhatIsWrong(@ForAll("files") String text) {
    check("FROM scratch\n" + text);
    check(text);
  }

  private static void check(String text) {
    try {
      Dockerfile file = Dockerfile.parse("f", text.getBytes(StandardCharsets.UTF_8));
      for (Dockerfile.Stage stage : file.stages()) {
        stage.instructions().forEach(DockerfilePropertyTest::expand);
      }
    } catch (DockerfileException refused) {
      if (!refused.getMessage().startsWith("f:")) {
        throw new AssertionError("not said where: " + refused.getMessage(), refused);
      }
    }
  }

  private static void expand(Instruction instruction) {
    Expansion expansion =
        new Expansion(
            instruction.origin(),
            name -> name.length() % 2 == 0 ? Optional.empty() : Optional.of("*" + name));
    try {
      if (instruction instanceof Instruction.Env env) {
        for (Instruction.Pair pair : env.pairs()) {
          expansion.of(pair.value());
        }
      } else if (instruction instanceof Instruction.Copy copy) {
        expansion.of(copy.sources());
        for (Heredoc document : copy.heredocs()) {
          expansion.document(document);
        }
      } else if (instruction instanceof Instruction.Expose expose) {
        expansion.split(expose.ports());
      }
    } catch (DockerfileException refused) {
      // Said where, by the same code.
    }
  }
}
