package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.KeyValue;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
  /** What every runtime gives, so what images count on. */
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  @Test
  void of_beginsWithPathAndHostname() {
    assertEquals(List.of(PATH, "HOSTNAME=h"), Environment.of(false, "h", List.of(), List.of()));
  }

  @Test
  void of_setsTermForATerminal() {
    assertEquals(
        List.of(PATH, "TERM=xterm", "HOSTNAME=h"), Environment.of(true, "h", List.of(), List.of()));
  }

  @Test
  void of_laterSourcesWinAndKeepThePlace() {
    assertEquals(
        List.of("PATH=/request", "HOSTNAME=image", "A=1=2", "B=request"),
        Environment.of(
            false,
            "h",
            List.of("PATH=/image", "HOSTNAME=image", "A=1=2", "B=image"),
            List.of(variable("PATH", "/request"), variable("B", "request"))));
  }

  @Test
  void of_imageEntryWithoutValueTakesTheDefaultAway() {
    assertEquals(List.of("HOSTNAME=h"), Environment.of(false, "h", List.of("PATH"), List.of()));
  }

  @Test
  void of_replacesBytesThatAreNoUtf8AsJsonCannotHoldThem() {
    ByteString value = ByteString.copyFrom(new byte[] {'a', (byte) 0xff, 'b'});

    assertEquals(
        "A=a\ufffdb",
        Environment.of(
                false,
                "h",
                List.of(),
                List.of(KeyValue.newBuilder().setKey("A").setValue(value).build()))
            .get(2));
  }

  @Test
  void of_keepsAnEmptyValue() {
    assertEquals(
        List.of(PATH, "HOSTNAME=h", "E="),
        Environment.of(false, "h", List.of(), List.of(variable("E", ""))));
  }

  @Test
  void of_refusesANameThatCannotBe() {
    for (String name : List.of("", "A=B")) {
      assertThrows(
          CriException.class,
          () -> Environment.of(false, "h", List.of(), List.of(variable(name, "x"))));
    }
  }

  private static KeyValue variable(String name, String value) {
    return KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value)).build();
  }
}
