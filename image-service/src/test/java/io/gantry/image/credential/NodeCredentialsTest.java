package io.gantry.image.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.failure.ImageException;
import io.gantry.image.registry.Credentials;
import io.gantry.image.registry.Login;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeCredentialsTest {

  private static final Login NOTHING =
      new Login(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  private static final Credentials NOBODY = new Credentials.Anonymous();

  @TempDir Path directory;
  private Path file;
  private Duration timeout = Duration.ofSeconds(10);

  @BeforeEach
  void place() {
    file = directory.resolve("auth.json");
  }

  private Credentials find(String registry, Login login) throws ImageException {
    return new NodeCredentials(new NodeCredentials.Settings(Optional.of(file), timeout))
        .find(registry, "team/app", login, new Cancellation());
  }

  private ImageException refused(Login login) {
    ImageException e = assertThrows(ImageException.class, () -> find("r:5000", login));
    assertEquals(ImageException.Kind.UNAUTHORIZED, e.kind());
    assertFalse(e.toString().contains("cret"), e.toString());
    return e;
  }

  private void config(String json) throws IOException {
    Files.writeString(file, json.replace('\'', '"'));
  }

  private static String auth(String pair) {
    return Base64.getEncoder()
        .encodeToString(pair.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private Path program(String name, String script) throws IOException {
    Path program = directory.resolve(name);
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  private Login helper(String script) throws IOException {
    return new Login(
        Optional.empty(),
        Optional.empty(),
        Optional.of(program("helper", script).toString()),
        Optional.empty());
  }

  @Test
  void withoutAFile_thereAreNone() throws Exception {
    assertEquals(NOBODY, find("r:5000", NOTHING));
  }

  @Test
  void auths_holdEveryKindOfCredentials_andAreReadAnew() throws Exception {
    config("{'auths':{'r:5000':{'auth':'" + auth("ann:se:cret\0\0") + "'}}}");
    assertEquals(new Credentials.Password("ann", "se:cret"), find("r:5000", NOTHING));
    config("{'auths':{'r:5000':{'username':'bob','password':'cret'}}}");
    assertEquals(new Credentials.Password("bob", "cret"), find("r:5000", NOTHING));
    config("{'auths':{'r:5000':{'auth':'" + auth("x:") + "','identitytoken':'cret'}}}");
    assertEquals(new Credentials.IdentityToken("cret"), find("r:5000", NOTHING));
    config("{'auths':{'r:5000':{'registrytoken':'cret'}}}");
    assertEquals(new Credentials.RegistryToken("cret"), find("r:5000", NOTHING));
    config("{'auths':{'other':{'registrytoken':'cret'}}}");
    assertEquals(NOBODY, find("r:5000", NOTHING));
  }

  @ParameterizedTest
  @CsvSource({
    "https://index.docker.io/v1/, docker.io",
    "index.docker.io, docker.io",
    "docker.io, docker.io",
    "https://r:5000/v2/, r:5000",
    "http://R:5000, r:5000",
    "r:5000/team, r:5000",
    "r:5000/team/app, r:5000",
  })
  void keys_areFoundInEveryForm(String key, String registry) throws Exception {
    config("{'auths':{'" + key + "':{'username':'u','password':'p'}}}");
    assertEquals(new Credentials.Password("u", "p"), find(registry, NOTHING));
  }

  @ParameterizedTest
  @ValueSource(strings = {"r:5000/team/application", "r:5000/te", "r", "r:50001", "5000"})
  void keys_ofOthers_areNotTaken(String key) throws Exception {
    config("{'auths':{'" + key + "':{'username':'u','password':'p'}}}");
    assertEquals(NOBODY, find("r:5000", NOTHING));
  }

  @Test
  void theLongestKey_counts() throws Exception {
    config(
        "{'auths':{'r:5000/team':{'username':'team','password':'p'},"
            + "'r:5000':{'username':'all','password':'p'}}}");
    assertEquals(new Credentials.Password("team", "p"), find("r:5000", NOTHING));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'auths':{'r:5000':{'auth':'cret!'}}}",
        "{'auths':{'r:5000':{'auth':'Y3JldA=='}}}",
        "{'a':'cret"
      })
  void malformedFiles_areErrors_thatQuoteNothing(String json) throws Exception {
    config(json);
    assertTrue(refused(NOTHING).getMessage().contains(file.toString()));
  }

  @Test
  void passwordFile_isRead_withoutItsLineEnd() throws Exception {
    Path password = directory.resolve("password");
    Login login =
        new Login(Optional.of("ann"), Optional.of(password), Optional.empty(), Optional.empty());
    assertTrue(refused(login).getMessage().contains("the password of user ann cannot be read"));
    Files.writeString(password, "se cret \r\n");
    assertEquals(new Credentials.Password("ann", "se cret "), find("r:5000", login));
  }

  @Test
  void helper_isAskedOnItsInput_forTheServer() throws Exception {
    Login login =
        helper(
            "read server; [ \"$1\" = get ] && echo \"{\\\"Username\\\":\\\"$server\\\",\\\"Secret\\\":\\\"s\\\"}\"");
    assertEquals(new Credentials.Password("r:5000", "s"), find("r:5000", login));
    assertEquals(
        new Credentials.Password("https://index.docker.io/v1/", "s"), find("docker.io", login));
    Login renamed =
        new Login(Optional.empty(), Optional.empty(), login.helper(), Optional.of("domain"));
    assertEquals(new Credentials.Password("domain", "s"), find("r:5000", renamed));
  }

  @Test
  void helper_mayGiveAnIdentityToken_orNothing() throws Exception {
    assertEquals(
        new Credentials.IdentityToken("tok"),
        find("r:5000", helper("echo '{\"Username\":\"<token>\",\"Secret\":\"tok\"}'")));
    assertEquals(
        NOBODY, find("r:5000", helper("echo credentials not found in native keychain; exit 1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo cret; exit 3",
        "echo cret",
        "exit 0",
        "echo []",
        "echo cret >&2; exit 1",
        "head -c 100000 /dev/zero | tr '\\0' x"
      })
  void helper_thatFails_isAnError_withoutWhatItWrote(String script) throws Exception {
    assertTrue(refused(helper(script)).getMessage().contains("credential helper"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"exec sleep 100", "exec >/dev/null; sleep 100"})
  void helper_thatHangs_isCutOff(String script) throws Exception {
    timeout = Duration.ofMillis(300);
    long start = System.nanoTime();
    String words = refused(helper(script)).getMessage();
    assertTrue(words.contains("took longer than 300 ms"), words);
    assertTrue(System.nanoTime() - start < 5_000_000_000L);
  }

  @Test
  void helper_thatIsMissing_isNamed() {
    Login login =
        new Login(Optional.empty(), Optional.empty(), Optional.of("none-such"), Optional.empty());
    assertTrue(refused(login).getMessage().contains("docker-credential-none-such"));
  }

  @Test
  void configsHelpers_goBeforeItsAuths_ofOneRegistryBeforeOfAll() throws Exception {
    Path one = program("one", "echo '{\"Username\":\"one\",\"Secret\":\"s\"}'");
    Path all = program("all", "echo credentials not found; exit 1");
    config(
        "{'credHelpers':{'r:5000':'"
            + one
            + "'},'credsStore':'"
            + all
            + "','auths':{"
            + "'r:5000':{'username':'u','password':'p'},'q':{'username':'u','password':'p'}}}");
    assertEquals(new Credentials.Password("one", "s"), find("r:5000", NOTHING));
    assertEquals(new Credentials.Password("u", "p"), find("q", NOTHING));
  }
}
