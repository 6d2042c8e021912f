package io.gantry.tests.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * A pod that the kubelet runs because of a file. Closing it removes the file and awaits its end.
 */
final class StaticPod implements AutoCloseable {

  static final String NAMESPACE = "tests";

  private static final Duration UP = Duration.ofSeconds(60);
  private static final Duration GONE = Duration.ofSeconds(60);

  private final Kubelet kubelet;
  private final Path manifest;
  private final String name;

  StaticPod(Kubelet kubelet, Path manifest, String name) {
    this.kubelet = kubelet;
    this.manifest = manifest;
    this.name = name;
  }

  /** As the kubelet calls it: a static pod's name ends with the node's. */
  String name() {
    return name;
  }

  String uid() {
    return object().at("/metadata/uid").asText();
  }

  /** The pod with its status, as the kubelet has it; missing if the kubelet knows none. */
  JsonNode object() {
    return StreamSupport.stream(kubelet.api().json("/pods").at("/items").spliterator(), false)
        .filter(pod -> pod.at("/metadata/name").asText().equals(name))
        .findFirst()
        .orElseGet(com.fasterxml.jackson.databind.node.MissingNode::getInstance);
  }

  /** What the kubelet says of a container, an init container included. */
  JsonNode container(String container) {
    JsonNode status = object().at("/status");
    for (String list : new String[] {"containerStatuses", "initContainerStatuses"}) {
      for (JsonNode one : status.path(list)) {
        if (one.at("/name").asText().equals(container)) {
          return one;
        }
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  /** The runtime's id of a container. */
  String containerId(String container) {
    return container(container).at("/containerID").asText().replaceFirst("^[a-z]+://", "");
  }

  String ip() {
    return object().at("/status/podIP").asText();
  }

  boolean isReady() {
    return StreamSupport.stream(object().at("/status/conditions").spliterator(), false)
        .anyMatch(
            condition ->
                condition.at("/type").asText().equals("Ready")
                    && condition.at("/status").asText().equals("True"));
  }

  StaticPod awaitReady() {
    await("ready", UP, pod -> isReady());
    return this;
  }

  /** Waits until the pod is as wanted; a failure tells what the kubelet said of it last. */
  JsonNode await(String what, Duration deadline, Predicate<JsonNode> wanted) {
    return awaitOrComplain("pod " + name + " " + what, deadline, this::object, wanted);
  }

  private JsonNode awaitOrComplain(
      String what, Duration deadline, Callable<JsonNode> value, Predicate<JsonNode> wanted) {
    try {
      return Eventually.get(what, deadline, value, wanted);
    } catch (AssertionError late) {
      throw new AssertionError(late.getMessage() + "\n" + kubelet.complaints(name), late);
    }
  }

  /** Waits until a container is as wanted. */
  JsonNode awaitContainer(
      String container, String what, Duration deadline, Predicate<JsonNode> wanted) {
    return awaitOrComplain(
        "container " + container + " of pod " + name + " " + what,
        deadline,
        () -> container(container),
        wanted);
  }

  /** The words of a container, by the kubelet. */
  String logs(String container, String options) {
    return kubelet
        .api()
        .get("/containerLogs/" + NAMESPACE + "/" + name + "/" + container + options);
  }

  String run(String container, String... words) {
    return kubelet.api().run(name, container, words);
  }

  /** Takes the pod's file away, without awaiting what follows. */
  void withdraw() {
    try {
      Files.deleteIfExists(manifest);
    } catch (IOException e) {
      throw new UncheckedIOException("delete " + manifest, e);
    }
  }

  /** Waits until neither the kubelet nor the runtime has anything of it that runs. */
  void awaitGone() {
    Eventually.get(
        "pod " + name + " is gone",
        GONE,
        () ->
            kubelet.node().crictl().out("pods", "-q", "--state", "ready", "--name", name)
                + object(),
        String::isEmpty);
  }

  @Override
  public void close() {
    withdraw();
    awaitGone();
  }
}
