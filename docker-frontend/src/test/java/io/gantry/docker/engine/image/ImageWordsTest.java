package io.gantry.docker.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.gantry.docker.engine.api.ApiVersion;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImageLayer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Docker's words for names, changes and images. */
class ImageWordsTest {

  @Test
  void names_areWrittenAsDockerWritesThem() {
    assertEquals("busybox:1", ImageName.familiar("docker.io/library/busybox:1"));
    assertEquals("me/app:1", ImageName.familiar("docker.io/me/app:1"));
    assertEquals("host:5000/app:1", ImageName.familiar("host:5000/app:1"));
    assertEquals("docker.io/library/busybox", ImageName.whole("busybox"));
    assertEquals("docker.io/me/app:1", ImageName.whole("me/app:1"));
    assertEquals("localhost/app", ImageName.whole("localhost/app"));
    assertEquals("host:5000/app", ImageName.repository("host:5000/app"));
    assertEquals("host:5000/app", ImageName.repository("host:5000/app:1"));
    assertEquals("host:5000/app:latest", ImageName.tagged("host:5000/app"));
    assertEquals("app@sha256:12", ImageName.of("app", "sha256:12"));
    assertEquals("app@sha256:12", ImageName.tagged("app@sha256:12"));
  }

  @Test
  void changes_becomeAConfiguration() throws Exception {
    assertEquals(
        "{\"Cmd\":[\"/bin/sh\",\"-c\",\"a b\"],\"Env\":[\"A=1\",\"B=x y\",\"C=d e\"],"
            + "\"ExposedPorts\":{\"80/tcp\":{}},\"Labels\":{\"k\":\"v\"},\"User\":\"web\"}",
        Json.text(
            ConfigChanges.of(
                List.of(
                    "CMD a b",
                    "ENV A=1 B=\"x y\"",
                    "env C d e",
                    "EXPOSE 80",
                    "LABEL k=v",
                    "USER web"))));
    assertThrows(EngineException.class, () -> ConfigChanges.of(List.of("RUN true")));
    assertThrows(EngineException.class, () -> ConfigChanges.of(List.of("ENV A")));
  }

  @Test
  void history_tellsTheTopFirst_withSizesOfItsLayers() throws Exception {
    ImageDetails image =
        ImageDetails.newBuilder()
            .setId("sha256:ab")
            .addRepoTags("docker.io/library/x:1")
            .setConfig(
                ByteString.copyFromUtf8(
                    "{\"created\":\"2024-01-01T00:00:00Z\",\"history\":["
                        + "{\"created_by\":\"ADD\"},{\"created_by\":\"CMD\",\"empty_layer\":true},"
                        + "{\"created_by\":\"RUN\"}]}"))
            .addLayers(ImageLayer.newBuilder().setUnpackedBytes(10))
            .addLayers(ImageLayer.newBuilder().setUnpackedBytes(20))
            .build();
    String history = Json.text(new ImageDocument(image).history());
    assertTrue(
        history.matches(".*RUN.*\"sha256:ab\".*:20,.*CMD.*:0,.*ADD.*<missing>.*:10,.*"), history);
    assertTrue(history.contains("[\"x:1\"]"), history);
    assertEquals(
        1704067200L,
        new ImageDocument(image).summary(ApiVersion.NEWEST, -1).path("Created").asLong());
  }
}
