package io.gantry.image.distribution.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.distribution.repository.RepositoryName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCrypt;

class AccessTest {

  private static final Identity ALICE = new Identity.User("alice");
  private static final Identity NOBODY = new Identity.Anonymous();

  @TempDir Path directory;

  private Path htpasswd(String... usersAndPasswords) throws IOException {
    StringBuilder lines = new StringBuilder("# users\n");
    for (int i = 0; i < usersAndPasswords.length; i += 2) {
      lines
          .append(usersAndPasswords[i])
          .append(':')
          .append(BCrypt.hashpw(usersAndPasswords[i + 1], BCrypt.gensalt("$2y", 4)))
          .append('\n');
    }
    return Files.writeString(directory.resolve("htpasswd"), lines);
  }

  private static Optional<String> basic(String credentials) {
    return Optional.of(
        "Basic "
            + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
  }

  private Gate gate(String... rules) throws IOException {
    List<Rule> parsed = List.of(rules).stream().map(Rule::parse).toList();
    return new Gate(Optional.of(Htpasswd.open(htpasswd("alice", "secret"))), () -> parsed);
  }

  private static RepositoryName name(String text) {
    return new RepositoryName(text);
  }

  @Test
  void password_provesTheUser() throws Exception {
    Gate gate = gate();

    assertEquals(ALICE, gate.identify(basic("alice:secret")));
    assertEquals(ALICE, gate.identify(basic("alice:secret")), "remembered");
    for (String wrong : List.of("alice:Secret", "alice:", "bob:secret", ":secret", "alice")) {
      assertThrows(Gate.BadCredentialsException.class, () -> gate.identify(basic(wrong)), wrong);
    }
    assertThrows(Gate.BadCredentialsException.class, () -> gate.identify(Optional.of("Bearer x")));
  }

  @Test
  void emptyCredentials_areNone() throws Exception {
    assertEquals(NOBODY, gate().identify(basic(":")));
    assertEquals(NOBODY, gate().identify(Optional.empty()));
  }

  @Test
  void longPassword_isNotCutSilently() throws Exception {
    String start = "x".repeat(72);
    Gate gate = new Gate(Optional.of(Htpasswd.open(htpasswd("alice", start))), () -> List.of());

    // bcrypt itself looks at 72 bytes; so does Apache's. What must not be is an error.
    assertEquals(ALICE, gate.identify(basic("alice:" + start)));
    assertEquals(ALICE, gate.identify(basic("alice:" + start + "y")));
  }

  @Test
  void changedFile_isReadAgain() throws Exception {
    Gate gate = gate();
    htpasswd("alice", "secret", "bob", "other");

    assertEquals(new Identity.User("bob"), gate.identify(basic("bob:other")));
  }

  @Test
  void changedPassword_endsTheOldOne() throws Exception {
    Gate gate = gate();
    gate.identify(basic("alice:secret"));
    htpasswd("alice", "new", "bob", "other");

    assertThrows(Gate.BadCredentialsException.class, () -> gate.identify(basic("alice:secret")));
  }

  @Test
  void fileThatIsNoGood_leavesTheUsersAsTheyWere() throws Exception {
    Gate gate = gate();
    Files.writeString(directory.resolve("htpasswd"), "alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n");

    assertEquals(ALICE, gate.identify(basic("alice:secret")));
  }

  @Test
  void otherHashes_areRefusedByTheirLine() throws Exception {
    Path file = Files.writeString(directory.resolve("users"), "\nalice:plain\n");

    IOException failure = assertThrows(IOException.class, () -> Htpasswd.open(file));

    assertTrue(failure.getMessage().startsWith(file + ":2: "), failure.getMessage());
    assertFalse(failure.getMessage().contains("plain"), failure.getMessage());
  }

  @Test
  void rules_giveWhatTheySayAndNoMore() throws Exception {
    Gate gate = gate("alice pull,push team/**", "@ pull tools/*", "* pull public/**");

    assertTrue(gate.allows(ALICE, Right.PUSH, name("team/a/b")));
    assertFalse(gate.allows(ALICE, Right.DELETE, name("team/a/b")));
    assertFalse(gate.allows(ALICE, Right.PULL, name("team")));
    assertFalse(gate.allows(new Identity.User("bob"), Right.PULL, name("team/a")));
    assertTrue(gate.allows(new Identity.User("bob"), Right.PULL, name("tools/a")));
    assertFalse(gate.allows(new Identity.User("bob"), Right.PULL, name("tools/a/b")));
    assertFalse(gate.allows(NOBODY, Right.PULL, name("tools/a")));
    assertTrue(gate.allows(NOBODY, Right.PULL, name("public/a")));
    assertFalse(gate.allows(NOBODY, Right.PUSH, name("public/a")));
  }

  @Test
  void withoutRules_everyUserMayDoEverything() throws Exception {
    assertTrue(gate().allows(ALICE, Right.DELETE, name("a")));
    assertFalse(gate().allows(NOBODY, Right.PULL, name("a")));
    Gate open = new Gate(Optional.empty(), () -> List.of());
    assertTrue(open.allows(NOBODY, Right.PUSH, name("a")));
  }

  @Test
  void pattern_matchesNamesByParts() {
    assertTrue(new RepositoryPattern("**").matches(name("a/b/c")));
    assertFalse(new RepositoryPattern("*").matches(name("a/b")));
    assertTrue(new RepositoryPattern("a/*/c").matches(name("a/b/c")));
    assertTrue(new RepositoryPattern("a/**/c").matches(name("a/b/b/c")));
    assertTrue(new RepositoryPattern("a*").matches(name("a")));
    assertFalse(new RepositoryPattern("a").matches(name("ab")));
    assertTrue(new RepositoryPattern("*b*").matches(name("abc")));
  }

  @Test
  void malformedRule_saysWhatIsExpected() {
    for (String wrong :
        List.of("alice pull", "alice read **", "alice pull A/**", "alice  ** pull")) {
      assertThrows(IllegalArgumentException.class, () -> Rule.parse(wrong), wrong);
    }
    assertEquals("alice pull,push a/**", Rule.parse(" alice push,pull  a/** ").toString());
  }
}
