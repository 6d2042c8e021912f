package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.Int64Value;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.SupplementalGroupsPolicy;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsersTest {

  /**
   * The fixture's image knows root (0:0, member of wheel 10) and web (1000:1001, of wheel 10 and
   * logs 2000).
   */
  @ParameterizedTest
  @CsvSource({
    // image user, run_as_user, run_as_username, run_as_group, expected uid, gid, groups
    "'',        '',     '',    '',   0,    0,    '0 10'",
    "'',        1000,   '',    '',   1000, 1001, '1001 10 2000'",
    "'',        1000,   '',    7,    1000, 7,    '7 10 2000'",
    "'',        555,    '',    '',   555,  0,    '0'",
    "'',        555,    '',    7,    555,  7,    '7'",
    "'',        '',     web,   '',   1000, 1001, '1001 10 2000'",
    "'',        '',     web,   7,    1000, 7,    '7 10 2000'",
    "'web',     '',     '',    '',   1000, 1001, '1001 10 2000'",
    "'1000',    '',     '',    '',   1000, 1001, '1001 10 2000'",
    "'555',     '',     '',    '',   555,  0,    '0'",
    "'web:logs','',     '',    '',   1000, 2000, '2000 10'",
    "'555:logs','',     '',    '',   555,  2000, '2000'",
    "'web:9',   '',     '',    '',   1000, 9,    '9 10 2000'",
    "'web:',    '',     '',    '',   1000, 1001, '1001 10 2000'",
    "'web',     0,      '',    '',   0,    0,    '0 10'",
  })
  void of_resolvesWhoIsMeant(
      String imageUser,
      String runAsUser,
      String runAsUsername,
      String runAsGroup,
      long uid,
      long gid,
      String groups)
      throws IOException {
    LinuxContainerSecurityContext.Builder security =
        LinuxContainerSecurityContext.newBuilder().setRunAsUsername(runAsUsername);
    if (!runAsUser.isEmpty()) {
      security.setRunAsUser(value(Long.parseLong(runAsUser)));
    }
    if (!runAsGroup.isEmpty()) {
      security.setRunAsGroup(value(Long.parseLong(runAsGroup)));
    }
    List<Long> expected = List.of(groups.split(" ")).stream().map(Long::valueOf).toList();
    assertEquals(
        new OciUser(uid, gid, OptionalInt.empty(), expected),
        Users.of(security.build(), imageUser, SpecFixture.rootFiles()));
  }

  @Test
  void of_mergeAddsTheRequestsGroupsToTheImages() throws IOException {
    assertEquals(List.of(1001L, 10L, 2000L, 42L), groups(SupplementalGroupsPolicy.Merge));
  }

  @Test
  void of_strictLeavesTheImagesGroupsOut() throws IOException {
    assertEquals(List.of(1001L, 42L), groups(SupplementalGroupsPolicy.Strict));
  }

  private static List<Long> groups(SupplementalGroupsPolicy policy) throws IOException {
    LinuxContainerSecurityContext security =
        LinuxContainerSecurityContext.newBuilder()
            .setRunAsUser(value(1000))
            .addSupplementalGroups(42)
            .setSupplementalGroupsPolicy(policy)
            .build();
    return Users.of(security, "", SpecFixture.rootFiles()).additionalGids();
  }

  @Test
  void of_refusesAGroupWithoutAUser() {
    CriException refused =
        refused(LinuxContainerSecurityContext.newBuilder().setRunAsGroup(value(5)), "web");
    assertEquals("run_as_group 5: a group is specified without a user", refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "ghost, user \"ghost\": no such user in the image's /etc/passwd",
    "web:ghosts, group \"ghosts\": no such group in the image's /etc/group",
    "99999999999, user \"99999999999\": no such user in the image's /etc/passwd",
  })
  void of_refusesNamesTheImageDoesNotKnow(String imageUser, String message) {
    assertEquals(
        message, refused(LinuxContainerSecurityContext.newBuilder(), imageUser).getMessage());
  }

  @Test
  void of_refusesANegativeSupplementalGroup() {
    assertTrue(
        refused(LinuxContainerSecurityContext.newBuilder().addSupplementalGroups(-1), "")
            .getMessage()
            .contains("-1"));
  }

  @Test
  void of_numbersNeedNoAccountFiles() throws IOException {
    LinuxContainerSecurityContext security =
        LinuxContainerSecurityContext.newBuilder().setRunAsUser(value(3)).build();
    assertEquals(
        new OciUser(3, 0, OptionalInt.empty(), List.of(0L)),
        Users.of(security, "", path -> Optional.empty()));
  }

  private static CriException refused(
      LinuxContainerSecurityContext.Builder security, String imageUser) {
    return assertThrows(
        CriException.class, () -> Users.of(security.build(), imageUser, SpecFixture.rootFiles()));
  }

  private static Int64Value value(long value) {
    return Int64Value.newBuilder().setValue(value).build();
  }
}
