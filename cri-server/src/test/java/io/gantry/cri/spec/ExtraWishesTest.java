package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciRlimit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtraWishesTest {
  @Test
  void none_asksForNothing() {
    ExtraWishes wishes = ExtraWishes.of(config().build());
    assertEquals(new ExtraWishes(List.of(), List.of()), wishes);
  }

  @Test
  void tmpfs_isCautiousUnlessToldOtherwise() {
    ExtraWishes wishes =
        of(ExtraWishes.TMPFS, "{\"/scratch/\": \"\", \"/run\": \"exec,size=1m,mode=1777\"}");
    assertEquals(
        List.of(
            OciMount.of("/scratch", "tmpfs", "tmpfs", List.of("nosuid", "nodev", "noexec")),
            OciMount.of(
                "/run",
                "tmpfs",
                "tmpfs",
                List.of("nosuid", "nodev", "noexec", "exec", "size=1m", "mode=1777"))),
        wishes.tmpfs());
  }

  @Test
  void ulimits_areThoseOfGetrlimit() {
    ExtraWishes wishes =
        of(
            ExtraWishes.ULIMITS,
            "[{\"name\":\"nofile\",\"soft\":10,\"hard\":20},{\"name\":\"core\",\"soft\":0,\"hard\":-1}]");
    assertEquals(
        List.of(new OciRlimit("RLIMIT_NOFILE", 10, 20), new OciRlimit("RLIMIT_CORE", 0, -1)),
        wishes.limits());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "gantry.io/tmpfs|[]|no JSON object",
        "gantry.io/tmpfs|{|no JSON",
        "gantry.io/tmpfs|{\"relative\": \"\"}|no absolute path",
        "gantry.io/tmpfs|{\"/a/..\": \"\"}|no absolute path",
        "gantry.io/tmpfs|{\"/data\": \"\"}|something else is mounted at /data",
        "gantry.io/tmpfs|{\"/a\": \"size=lots\"}|no option \"size=lots\"",
        "gantry.io/tmpfs|{\"/a\": \"bind\"}|no option \"bind\"",
        "gantry.io/tmpfs|{\"/a\": 1}|no text",
        "gantry.io/ulimits|{}|no JSON array",
        "gantry.io/ulimits|[{\"name\":\"nothing\",\"soft\":1,\"hard\":1}]|no resource",
        "gantry.io/ulimits|[{\"name\":\"cpu\",\"soft\":2,\"hard\":1}]|above the hard one",
        "gantry.io/ulimits|[{\"name\":\"cpu\",\"soft\":-1,\"hard\":1}]|above the hard one",
        "gantry.io/ulimits|[{\"name\":\"cpu\",\"soft\":1.5,\"hard\":2}]|whole numbers",
        "gantry.io/ulimits|[{\"name\":\"cpu\",\"hard\":2}]|whole numbers",
        "gantry.io/stdin-attached|yes|neither true nor false",
        "gantry.io/stdin-attached|true|has no stdin",
      })
  void badValue_isRefusedNamingTheAnnotation(String annotation, String value, String why) {
    CriException refused = assertThrows(CriException.class, () -> of(annotation, value));
    assertEquals(Failure.INVALID_REQUEST, refused.failure());
    assertTrue(refused.getMessage().contains(annotation), refused::getMessage);
    assertTrue(refused.getMessage().contains(why), refused::getMessage);
  }

  private static ExtraWishes of(String annotation, String value) {
    return ExtraWishes.of(config().putAnnotations(annotation, value).build());
  }

  private static ContainerConfig.Builder config() {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("web"))
        .addMounts(Mount.newBuilder().setContainerPath("/data").setHostPath("/srv"));
  }
}
