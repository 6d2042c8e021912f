package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.GetEventsRequest;
import io.gantry.proto.cri.v1.RemoveContainerRequest;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to pods and containers, as those hear it who listen. */
@Tag("root")
@Timeout(120)
class EventsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Metadata.Key<String> AFTER = key("gantry-events-after");
  private static final Metadata.Key<String> LAST = key("gantry-events-last");

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Test
  void crictlEvents_tellsTheLifeOfAPodAndItsContainer() throws Exception {
    try (Crictls heard = new Crictls()) {
      String pod;
      String container;
      try (TestPod running = TestPod.run(node)) {
        pod = running.id();
        container = running.run("app", "sh", "-c", "exit 3");
        running.awaitExit(container);
      }
      List<String> wanted =
          List.of(
              pod + " CREATED",
              pod + " STARTED",
              container + " CREATED",
              container + " STARTED",
              container + " STOPPED",
              pod + " STOPPED",
              container + " DELETED",
              pod + " DELETED");
      List<JsonNode> all =
          Eventually.get(
              "all events",
              PATIENCE,
              () -> heard.of(pod, container),
              events -> events.size() >= wanted.size());
      assertEquals(wanted, all.stream().map(EventsIT::words).toList());
      JsonNode stopped = all.get(4);
      assertEquals(pod, stopped.at("/podSandboxStatus/id").asText());
      assertEquals(container, stopped.at("/containersStatuses/0/id").asText());
      assertEquals("CONTAINER_EXITED", stopped.at("/containersStatuses/0/state").asText());
      assertEquals(3, stopped.at("/containersStatuses/0/exitCode").asInt());
      assertTrue(stopped.at("/createdAt").asLong() > 0, stopped::toString);
    }
  }

  /** A running {@code crictl events} and what it has printed. */
  private static final class Crictls implements AutoCloseable {
    final List<JsonNode> all = Collections.synchronizedList(new ArrayList<>());
    private final Process process;

    Crictls() throws IOException {
      process = new ProcessBuilder(node.crictl().command("events").words()).start();
      Thread reader = new Thread(this::read, "crictl events");
      reader.setDaemon(true);
      reader.start();
      // Whether it listens already shows only in what it hears.
      Eventually.holds(
          "crictl listens",
          PATIENCE,
          () -> {
            TestPod.run(node).close();
            assertTrue(!all.isEmpty());
          });
    }

    private void read() {
      try (MappingIterator<JsonNode> values =
          new ObjectMapper().readerFor(JsonNode.class).readValues(process.getInputStream())) {
        values.forEachRemaining(all::add);
      } catch (IOException | RuntimeException ended) {
        return;
      }
    }

    List<JsonNode> of(String pod, String container) {
      synchronized (all) {
        return all.stream()
            .filter(event -> List.of(pod, container).contains(event.path("containerId").asText()))
            .toList();
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static String words(JsonNode event) {
    return words(
        event.path("containerId").asText(),
        event.path("containerEventType").asText("CONTAINER_CREATED_EVENT"));
  }

  private static String words(String id, String type) {
    return id + " " + type.replaceAll("CONTAINER_|_EVENT", "");
  }

  @Test
  void whoComesBackAfterTheDaemonWasKilled_missesNothing() {
    assumeTrue(TestNode.isGantry(), "numbers of events are gantry's own");
    try (TestPod pod = TestPod.run(node)) {
      String stays = pod.run("stays", "sleep", "1000");
      String ends = pod.run("ends", "sleep", "1000");
      long program = pod.pid(ends);
      Listener before = new Listener(Long.MAX_VALUE);
      long last = before.last;
      before.stop();

      node.runtime().kill();
      // Its program ends while no daemon is there to see it.
      ProcessHandle.of(program).ifPresent(ProcessHandle::destroyForcibly);
      node.startAgain();
      pod.awaitExit(ends);
      node.cri()
          .runtime()
          .stopContainer(StopContainerRequest.newBuilder().setContainerId(stays).build());
      node.cri()
          .runtime()
          .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(ends).build());

      Listener after = new Listener(last);
      assertEquals(last, after.last);
      List<String> wanted = List.of(ends + " STOPPED", stays + " STOPPED", ends + " DELETED");
      Eventually.get("all events", PATIENCE, after::words, words -> words.size() >= 3);
      assertEquals(wanted, after.words());
      assertEquals(
          ContainerState.CONTAINER_EXITED,
          after.all.get(0).getContainersStatusesList().stream()
              .filter(status -> status.getId().equals(ends))
              .findFirst()
              .orElseThrow()
              .getState());
      after.stop();
    }
  }

  /** A stream of events that begins after a number. */
  private static final class Listener {
    final List<ContainerEventResponse> all = Collections.synchronizedList(new ArrayList<>());
    final long last;
    private final io.grpc.Context.CancellableContext context =
        io.grpc.Context.current().withCancellation();

    /**
     * @param after {@link Long#MAX_VALUE} to begin now
     */
    Listener(long after) {
      Metadata headers = new Metadata();
      if (after != Long.MAX_VALUE) {
        headers.put(AFTER, Long.toString(after));
      }
      AtomicReference<Metadata> answer = new AtomicReference<>();
      AtomicReference<Metadata> trailers = new AtomicReference<>();
      Thread reader =
          new Thread(
              context.wrap(
                  () -> {
                    try {
                      node.cri()
                          .runtime()
                          .withInterceptors(
                              MetadataUtils.newAttachHeadersInterceptor(headers),
                              MetadataUtils.newCaptureMetadataInterceptor(answer, trailers))
                          .getContainerEvents(GetEventsRequest.getDefaultInstance())
                          .forEachRemaining(all::add);
                    } catch (StatusRuntimeException ended) {
                      return;
                    }
                  }),
              "events");
      reader.setDaemon(true);
      reader.start();
      last =
          Long.parseLong(
              Eventually.get("headers", PATIENCE, answer::get, got -> got != null).get(LAST));
    }

    List<String> words() {
      synchronized (all) {
        return all.stream()
            .map(
                event ->
                    EventsIT.words(event.getContainerId(), event.getContainerEventType().name()))
            .toList();
      }
    }

    void stop() {
      context.cancel(null);
    }
  }
}
