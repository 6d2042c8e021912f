package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.selinux.SeLinuxDefaults;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.SELinuxOption;
import io.gantry.proto.cri.v1.SecurityProfile;
import io.gantry.proto.cri.v1.SecurityProfile.ProfileType;
import io.gantry.runtime.oci.OciSeccomp;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfinementTest {
  private static final SeccompProfiles PROFILES =
      new SeccompProfiles() {
        @Override
        public OciSeccomp runtimeDefault(Set<String> capabilities) {
          return profile("default with " + capabilities);
        }

        @Override
        public OciSeccomp read(Path file) throws IOException {
          if (!file.equals(Path.of("/profiles/a.json"))) {
            throw new FileNotFoundException("no such file");
          }
          return profile("a");
        }
      };

  private final FakeHost host = new FakeHost();
  private final FakeAppArmor loaded = new FakeAppArmor();

  @Test
  void seccomp_absentMeansUnconfined() throws IOException {
    assertEquals(Optional.empty(), seccomp(security()));
    assertEquals(Optional.empty(), seccomp(security().setSeccomp(of(ProfileType.Unconfined, ""))));
  }

  @Test
  void seccomp_runtimeDefaultDependsOnCapabilities() throws IOException {
    assertEquals(
        Optional.of(profile("default with [CAP_KILL]")),
        seccomp(security().setSeccomp(of(ProfileType.RuntimeDefault, ""))));
  }

  @Test
  void seccomp_localhostReadsTheFile() throws IOException {
    for (String reference : List.of("/profiles/a.json", "localhost//profiles/a.json")) {
      assertEquals(
          Optional.of(profile("a")),
          seccomp(security().setSeccomp(of(ProfileType.Localhost, reference))));
    }
  }

  @Test
  void seccomp_unusableLocalProfileIsNamed() {
    CriException missing =
        assertThrows(
            CriException.class,
            () -> seccomp(security().setSeccomp(of(ProfileType.Localhost, "/nope"))));
    assertEquals("container web: seccomp profile /nope: no such file", missing.getMessage());
    assertThrows(
        CriException.class,
        () -> seccomp(security().setSeccomp(of(ProfileType.Localhost, "relative"))));
  }

  @Test
  void seccomp_privilegedHasNone() throws IOException {
    assertEquals(
        Optional.empty(),
        seccomp(security().setPrivileged(true).setSeccomp(of(ProfileType.RuntimeDefault, ""))));
  }

  @Test
  @SuppressWarnings("deprecation")
  void seccomp_olderFieldCountsWhenTheNewerIsAbsent() throws IOException {
    assertTrue(seccomp(security().setSeccompProfilePath("runtime/default")).isPresent());
    assertEquals(Optional.empty(), seccomp(security().setSeccompProfilePath("unconfined")));
  }

  @Test
  void appArmor_withoutAppArmorOnlyUnconfinedIsPossible() throws Exception {
    assertEquals(Optional.empty(), appArmor(security()));
    assertEquals(
        Optional.empty(), appArmor(security().setApparmor(of(ProfileType.Unconfined, ""))));
    for (ProfileType type : List.of(ProfileType.RuntimeDefault, ProfileType.Localhost)) {
      CriException refused =
          assertThrows(CriException.class, () -> appArmor(security().setApparmor(of(type, "p"))));
      assertTrue(refused.getMessage().contains("this host has no AppArmor"));
    }
  }

  @Test
  void appArmor_namesTheLoadedProfile() throws Exception {
    host.appArmor = true;
    loaded.loaded.add("p");
    assertEquals(
        Optional.of("p"), appArmor(security().setApparmor(of(ProfileType.Localhost, "p"))));
    assertEquals(
        Optional.of("p"),
        appArmor(security().setApparmor(of(ProfileType.Localhost, "localhost/p"))));
  }

  @Test
  void appArmor_profileThatIsNotLoadedIsNamed() {
    host.appArmor = true;
    CriException refused =
        assertThrows(
            CriException.class,
            () -> appArmor(security().setApparmor(of(ProfileType.Localhost, "localhost/q"))));
    assertEquals(Failure.WRONG_STATE, refused.failure());
    assertEquals(
        "container web: AppArmor profile \"q\" is not loaded on this node", refused.getMessage());
  }

  @Test
  @SuppressWarnings("deprecation")
  void appArmor_defaultIsForAllThatSayNothingElse() throws Exception {
    host.appArmor = true;
    Optional<String> standard = Optional.of("default");
    assertEquals(standard, appArmor(security()));
    loaded.available = false;
    assertEquals(Optional.empty(), appArmor(security()));
    assertEquals(standard, appArmor(security().setApparmor(of(ProfileType.RuntimeDefault, ""))));
    assertEquals(standard, appArmor(security().setApparmorProfile("runtime/default")));
    assertEquals(
        Optional.empty(), appArmor(security().setApparmor(of(ProfileType.Unconfined, ""))));
    assertEquals(Optional.empty(), appArmor(security().setApparmorProfile("unconfined")));
    assertEquals(Optional.empty(), appArmor(security().setPrivileged(true)));
  }

  @Test
  @SuppressWarnings("deprecation")
  void appArmor_newerFieldWins() throws Exception {
    host.appArmor = true;
    assertEquals(
        Optional.empty(),
        appArmor(
            security()
                .setApparmor(of(ProfileType.Unconfined, ""))
                .setApparmorProfile("localhost/p")));
  }

  @Test
  void labels_areThePolicysWithWhatIsAskedForInTheirPlace() throws Exception {
    LinuxContainerSecurityContext.Builder security =
        security()
            .setSelinuxOptions(SELinuxOption.newBuilder().setType("spc_t").setLevel("s0:c1,c2"));
    assertEquals(Optional.empty(), confinement(security).processLabel());
    assertEquals(Optional.empty(), confinement(security).mountLabel());
    host.seLinux = Optional.of(SeLinuxDefaults.USUAL);
    assertEquals(
        Optional.of("system_u:system_r:spc_t:s0:c1,c2"), confinement(security).processLabel());
    assertEquals(
        Optional.of("system_u:object_r:container_file_t:s0:c1,c2"),
        confinement(security).mountLabel());
    assertEquals(
        Optional.of("system_u:system_r:container_t:s0"), confinement(security()).processLabel());
    assertEquals(Optional.empty(), confinement(security().setPrivileged(true)).processLabel());
  }

  private Optional<OciSeccomp> seccomp(LinuxContainerSecurityContext.Builder security)
      throws IOException {
    return confinement(security).seccomp(PROFILES, Set.of("CAP_KILL"));
  }

  private Optional<String> appArmor(LinuxContainerSecurityContext.Builder security)
      throws Exception {
    return confinement(security).appArmor(loaded);
  }

  private Confinement confinement(LinuxContainerSecurityContext.Builder security) {
    return new Confinement(SpecFixture.request(SpecFixture.secured(security)), host);
  }

  private static LinuxContainerSecurityContext.Builder security() {
    return LinuxContainerSecurityContext.newBuilder();
  }

  private static SecurityProfile of(ProfileType type, String reference) {
    return SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(reference).build();
  }

  private static OciSeccomp profile(String name) {
    return new OciSeccomp(
        name,
        OptionalInt.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }
}
