package io.gantry.cri.names;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.net.InetAddresses;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Questions and answers, byte by byte. */
class QuestionTest {
  private static final int ID = 0x1234;

  private static byte[] query(String name, int type) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(HexFormat.of().parseHex("123401000001000000000000"));
    message.writeBytes(Question.nameData(name));
    message.writeBytes(new byte[] {0, (byte) type, 0, 1});
    return message.toByteArray();
  }

  private static final Zone ZONE =
      new Zone() {
        @Override
        public Optional<List<InetAddress>> addresses(String name) {
          return name.equals("web.inner")
              ? Optional.of(List.of(InetAddresses.forString("10.1.2.3")))
              : Optional.empty();
        }

        @Override
        public Optional<String> nameOf(InetAddress address) {
          return address.equals(InetAddresses.forString("10.1.2.3"))
              ? Optional.of("web.inner")
              : Optional.empty();
        }

        @Override
        public List<InetSocketAddress> servers() {
          return List.of();
        }

        @Override
        public boolean knowsTheWorld() {
          return true;
        }
      };

  @Test
  void name_isReadInLowerCase() {
    Question question = Question.parse(query("Web.Inner", Question.A)).orElseThrow();
    assertEquals("web.inner", question.name());
    assertEquals(Question.A, question.type());
    assertEquals(ID, question.id());
  }

  @Test
  void address_isAnswered_inTheFormOfRfc1035() {
    Question question = Question.parse(query("web.inner", Question.A)).orElseThrow();
    byte[] answer = Resolution.of(question, ZONE).orElseThrow();
    String hex = HexFormat.of().formatHex(answer);
    // The number, flags of an answer, one question, one answer …
    assertTrue(hex.startsWith("123481800001000100000000"), hex);
    // … and in the end: its name is the question's, type A, class IN, 5 s, 4 bytes.
    assertTrue(hex.endsWith("c00c00010001000000050004" + "0a010203"), hex);
  }

  @Test
  void otherType_ofAKnownName_isAnsweredWithNothing_andAskedOfNobody() {
    Question question = Question.parse(query("web.inner", Question.AAAA)).orElseThrow();
    byte[] answer = Resolution.of(question, ZONE).orElseThrow();
    assertEquals(0, answer[3] & 0xf);
    assertEquals(0, answer[7]);
  }

  @Test
  void addressesName_isAnswered_andUnknownOnesAreLeftToOthers() {
    Question known = Question.parse(query("3.2.1.10.in-addr.arpa", Question.PTR)).orElseThrow();
    byte[] answer = Resolution.of(known, ZONE).orElseThrow();
    byte[] name = Question.nameData("web.inner");
    assertArrayEquals(name, Arrays.copyOfRange(answer, answer.length - name.length, answer.length));
    Question unknown = Question.parse(query("4.2.1.10.in-addr.arpa", Question.PTR)).orElseThrow();
    assertTrue(Resolution.of(unknown, ZONE).isEmpty());
    assertTrue(
        Resolution.of(Question.parse(query("example.test", Question.A)).orElseThrow(), ZONE)
            .isEmpty());
  }

  @Test
  void reverseNames_ofBothFamilies_areRead() {
    assertEquals(
        InetAddresses.forString("2001:db8::567:89ab"),
        ReverseName.address(
                "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
            .orElseThrow());
    assertTrue(ReverseName.address("1.2.3.in-addr.arpa").isEmpty());
    assertTrue(ReverseName.address("1.2.3.400.in-addr.arpa").isEmpty());
  }

  @Test
  void reply_mustHaveTheNumberAndTheQuestion() {
    Question question = Question.parse(query("example.test", Question.A)).orElseThrow();
    byte[] reply = Question.withId(question.answer(Question.NO_ERROR), 77);
    assertTrue(question.isAnsweredBy(reply, 77));
    assertFalse(question.isAnsweredBy(reply, 78), "of another number");
    assertFalse(question.isAnsweredBy(question.withId(77), 77), "a question is no answer");
    Question other = Question.parse(query("exemple.test", Question.A)).orElseThrow();
    assertFalse(question.isAnsweredBy(Question.withId(other.answer(0), 77), 77));
  }

  @Test
  void manyAddresses_fitTheSmallestDatagram() {
    Question question = Question.parse(query("a".repeat(63) + ".test", Question.A)).orElseThrow();
    byte[] answer = question.answer(0, java.util.Collections.nCopies(500, new byte[4]));
    assertTrue(answer.length <= 512, () -> answer.length + " bytes");
  }

  @Test
  void anything_isReadOrLeft_withoutAFault() {
    Random random = new Random(7);
    byte[] sample = query("web.inner.example", Question.A);
    for (int round = 0; round < 20000; round++) {
      byte[] message = Arrays.copyOf(sample, random.nextInt(sample.length + 20));
      for (int change = random.nextInt(4); change > 0 && message.length > 0; change--) {
        message[random.nextInt(message.length)] = (byte) random.nextInt();
      }
      Question.parse(message).ifPresent(question -> Resolution.of(question, ZONE));
      Question.parse(sample).orElseThrow().isAnsweredBy(message, ID);
    }
  }

  @Test
  void machineServers_areThoseOfResolvConf() {
    assertEquals(
        List.of("192.0.2.1:53", "[2001:db8:0:0:0:0:0:1]:53"),
        MachineServers.parse("# x\nsearch a\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\n")
            .stream()
            .map(server -> server.toString().replaceFirst("^/", ""))
            .toList());
  }
}
