package io.gantry.cri.protojson;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.gantry.proto.cri.v1.AuthConfig;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.Int64Value;
import io.gantry.proto.cri.v1.KeyValue;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.PsiData;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.WaitResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoJsonTest {
  private static final PodSandboxConfig POD = PodSandboxConfig.getDefaultInstance();

  private static PodSandboxConfig pod(String json) throws ProtoJsonException {
    return ProtoJson.parse(json, POD);
  }

  private static String failure(String json) {
    return assertThrows(ProtoJsonException.class, () -> pod(json)).getMessage();
  }

  @Test
  void print_namesFieldsInLowerCamelCaseAndLeavesDefaultsOut() {
    PodSandboxConfig config =
        PodSandboxConfig.newBuilder()
            .setMetadata(PodSandboxMetadata.newBuilder().setName("web").setAttempt(0))
            .setLogDirectory("/var/log/pods/web")
            .putLabels("app", "web")
            .build();

    assertEquals(
        "{\"metadata\":{\"name\":\"web\"},\"logDirectory\":\"/var/log/pods/web\","
            + "\"labels\":{\"app\":\"web\"}}",
        ProtoJson.toText(config));
  }

  @Test
  void print_keepsAnEmptyMessageApartFromAnAbsentOne() {
    LinuxSandboxSecurityContext root =
        LinuxSandboxSecurityContext.newBuilder()
            .setRunAsUser(Int64Value.getDefaultInstance())
            .build();

    assertEquals("{\"runAsUser\":{}}", ProtoJson.toText(root));
  }

  @Test
  void print_writes64BitNumbersAsStringsAndEnumsByName() {
    ContainerStatus status =
        ContainerStatus.newBuilder()
            .setState(ContainerState.CONTAINER_EXITED)
            .setFinishedAt(9007199254740993L)
            .setExitCode(-1)
            .build();

    assertEquals(
        "{\"state\":\"CONTAINER_EXITED\",\"finishedAt\":\"9007199254740993\",\"exitCode\":-1}",
        ProtoJson.toText(status));
  }

  @Test
  void print_writesAnUnknownEnumValueAsItsNumber() throws Exception {
    ContainerStatus status = ContainerStatus.newBuilder().setStateValue(77).build();

    assertEquals("{\"state\":77}", ProtoJson.toText(status));
    assertEquals(status, ProtoJson.parse("{\"state\":77}", status));
  }

  @Test
  void print_writesBytesInBase64AndRepeatedFieldsAsLists() {
    ContainerConfig config =
        ContainerConfig.newBuilder()
            .addCommand("sh")
            .addCommand("-c")
            .addEnvs(KeyValue.newBuilder().setKey("A").setValue(ByteString.copyFromUtf8("b\u00ff")))
            .build();

    assertEquals(
        "{\"command\":[\"sh\",\"-c\"],\"envs\":[{\"key\":\"A\",\"value\":\"YsO/\"}]}",
        ProtoJson.toText(config));
  }

  @Test
  void print_writesNumbersThatJsonHasNotAsStrings() throws Exception {
    PsiData psi = PsiData.newBuilder().setAvg10(Double.NaN).setAvg60(1.5).build();

    assertEquals("{\"Avg10\":\"NaN\",\"Avg60\":1.5}", ProtoJson.toText(psi));
    assertEquals(psi, ProtoJson.parse(ProtoJson.toText(psi), psi));
  }

  @Test
  void print_writesTimestampsAsRfc3339() throws Exception {
    WaitResponse response =
        WaitResponse.newBuilder()
            .setExitedAt(Timestamp.newBuilder().setSeconds(1_700_000_000).setNanos(5_000_000))
            .build();

    assertEquals("{\"exitedAt\":\"2023-11-14T22:13:20.005Z\"}", ProtoJson.toText(response));
    assertEquals(
        response, ProtoJson.parse("{\"exitedAt\":\"2023-11-14T23:13:20.005+01:00\"}", response));
  }

  @Test
  void print_writesAKnownMessageInAnAnyByItsFields() {
    CreateTaskRequest request =
        CreateTaskRequest.newBuilder()
            .setOptions(
                Any.newBuilder()
                    .setTypeUrl("type.googleapis.com/runtime.v1.PodSandboxMetadata")
                    .setValue(
                        PodSandboxMetadata.newBuilder().setName("web").build().toByteString()))
            .build();

    assertEquals(
        "{\"options\":{\"@type\":\"type.googleapis.com/runtime.v1.PodSandboxMetadata\","
            + "\"name\":\"web\"}}",
        ProtoJson.toText(request));
  }

  @Test
  void print_failsOnAnAnyWhoseBytesAreNotWhatItsUrlSays() {
    CreateTaskRequest request =
        CreateTaskRequest.newBuilder()
            .setOptions(
                Any.newBuilder()
                    .setTypeUrl("type.googleapis.com/runtime.v1.PodSandboxMetadata")
                    .setValue(ByteString.copyFromUtf8("\u0001")))
            .build();

    assertThrows(IllegalArgumentException.class, () -> ProtoJson.print(request));
  }

  @Test
  void printRedacted_hidesCredentialsAndEnvironmentValues() {
    AuthConfig auth =
        AuthConfig.newBuilder()
            .setUsername("ada")
            .setPassword("p1")
            .setAuth("p2")
            .setIdentityToken("p3")
            .setRegistryToken("p4")
            .build();
    String pull = ProtoJson.toRedactedText(PullImageRequest.newBuilder().setAuth(auth).build());
    String create =
        ProtoJson.toRedactedText(
            ContainerConfig.newBuilder()
                .addEnvs(
                    KeyValue.newBuilder().setKey("K").setValue(ByteString.copyFromUtf8("secret")))
                .build());

    assertEquals(
        "{\"auth\":{\"username\":\"ada\",\"password\":\"<redacted>\",\"auth\":\"<redacted>\","
            + "\"identityToken\":\"<redacted>\",\"registryToken\":\"<redacted>\"}}",
        pull);
    assertEquals("{\"envs\":[{\"key\":\"K\",\"value\":\"<redacted>\"}]}", create);
  }

  @Test
  void parse_takesOriginalNamesNullsAndNumbersInStrings() throws Exception {
    PodSandboxConfig config =
        pod(
            "{\"log_directory\":\"/l\",\"hostname\":null,"
                + "\"metadata\":{\"name\":\"web\",\"attempt\":\"3\"}}");

    assertEquals("/l", config.getLogDirectory());
    assertEquals("", config.getHostname());
    assertEquals(3, config.getMetadata().getAttempt());
  }

  @Test
  void parse_takesNumbersInAnyNotationIfTheyAreWhole() throws Exception {
    LinuxContainerResources resources =
        ProtoJson.parse(
            "{\"cpuPeriod\":1e5,\"cpuQuota\":\"2.0\"}",
            LinuxContainerResources.getDefaultInstance());

    assertEquals(100_000, resources.getCpuPeriod());
    assertEquals(2, resources.getCpuQuota());
  }

  @Test
  void parse_skipsWhatANewerVersionWrote() throws Exception {
    ContainerStatus status =
        ProtoJson.parse(
            "{\"id\":\"c1\",\"state\":\"CONTAINER_HIBERNATED\",\"newField\":{\"a\":[1]}}",
            ContainerStatus.getDefaultInstance());

    assertEquals(ContainerStatus.newBuilder().setId("c1").build(), status);
  }

  @Test
  void parseStrict_rejectsUnknownFieldsAndEnumNamesByPath() throws Exception {
    ObjectMapper mapper = new ObjectMapper();

    assertEquals(
        "linux.resources.cpuLimit: runtime.v1.LinuxContainerResources has no such field",
        assertThrows(
                ProtoJsonException.class,
                () ->
                    ProtoJson.parseStrict(
                        mapper.readTree("{\"linux\":{\"resources\":{\"cpuLimit\":1}}}"),
                        ContainerConfig.newBuilder()
                            .setLinux(LinuxContainerConfig.getDefaultInstance())
                            .build()))
            .getMessage());
    assertEquals(
        "state: runtime.v1.ContainerState has no value \"ASLEEP\"",
        assertThrows(
                ProtoJsonException.class,
                () ->
                    ProtoJson.parseStrict(
                        mapper.readTree("{\"state\":\"ASLEEP\"}"),
                        ContainerStatus.getDefaultInstance()))
            .getMessage());
  }

  @Test
  void parse_saysWhereAndWhy() {
    assertEquals(
        "metadata.attempt: -1 is not an unsigned 32-bit integer",
        failure("{\"metadata\":{\"attempt\":-1}}"));
    assertEquals(
        "portMappings[1].hostPort: 1.5 is not a signed 32-bit integer",
        failure("{\"portMappings\":[{},{\"hostPort\":1.5}]}"));
    assertEquals("labels[app]: a number is not a string", failure("{\"labels\":{\"app\":1}}"));
    assertEquals("hostname: a list is not a string", failure("{\"hostname\":[]}"));
    assertEquals("no JSON at line 1, column 13", failure("{\"hostname\":pass"));
    assertEquals("no JSON at line 1, column 4", failure("{} {}"));
    assertEquals("nothing is not an object of runtime.v1.PodSandboxConfig", failure(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e999999999", "\"1e999999999\"", "\"-1e-999999999\"", "4294967296"})
  void parse_refusesNumbersOutOfRangeWithoutWritingThemOut(String number) {
    String message = failure("{\"metadata\":{\"attempt\":" + number + "}}");

    assertFalse(message.length() > 200, message);
  }

  @Test
  void print_refusesAMessageOfUnknownType() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ProtoJson.print(com.google.protobuf.Duration.getDefaultInstance()));
  }
}
