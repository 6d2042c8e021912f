package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.gantry.proto.v1.BuildProgress;
import io.gantry.proto.v1.BuildRequest;
import io.gantry.proto.v1.BuildStart;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.registry.LayerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Builds with secrets. They are asked for over the CRI's socket: the Engine API's own build has no
 * place for them.
 */
@Tag("root")
class BuildSecretsIT {
  private static final String SECRET = "correct-horse-battery-staple";
  private static final String MARK = "this-text-is-in-a-layer";

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Test
  void secret_isReadByItsStep_andIsNowhereAfterwards() throws Exception {
    assumeTrue(TestNode.isGantry(), "gantry.v1 is gantry's own");
    String dockerfile =
        String.join(
            "\n",
            "FROM " + node.busybox(),
            "RUN --mount=type=secret,id=token wc -c < /run/secrets/token > /length",
            "RUN ls /run/secrets/token 2>/dev/null || echo " + MARK + " > /mark",
            "RUN cat /length",
            "");

    String words = build(dockerfile);

    assertTrue(words.contains("\n" + SECRET.length() + "\n"), words);
    assertFalse(words.contains(SECRET), words);
    assertTrue(holds(MARK), "what is in a layer is found, so what is not found is not there");
    assertFalse(holds(SECRET));
    node.crictl().out("rmi", "secrets.test/built:1");
  }

  private static String build(String dockerfile) throws Exception {
    byte[] context = new LayerBuilder().file("Dockerfile", 0644, dockerfile).plain().blob();
    StringBuffer words = new StringBuffer();
    CompletableFuture<Void> end = new CompletableFuture<>();
    StreamObserver<BuildRequest> requests =
        node.cri()
            .builder()
            .build(
                new StreamObserver<BuildProgress>() {
                  @Override
                  public void onNext(BuildProgress progress) {
                    words.append(progress.getWords());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    end.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(null);
                  }
                });
    BuildStart start =
        BuildStart.newBuilder()
            .setDockerfile("Dockerfile")
            .addTags("secrets.test/built:1")
            .putSecrets("token", ByteString.copyFromUtf8(SECRET))
            .build();
    requests.onNext(BuildRequest.newBuilder().setStart(start).build());
    requests.onNext(BuildRequest.newBuilder().setContext(ByteString.copyFrom(context)).build());
    requests.onCompleted();
    end.get(120, TimeUnit.SECONDS);
    return words.toString();
  }

  /** Whether any file of the daemon's, or what it is packed from, or its log has this text. */
  private static boolean holds(String text) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(node.directory().path())) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertEquals(true, files.contains(node.directory().daemonLog()));
    for (Path file : files) {
      if (content(file).contains(text)) {
        return true;
      }
    }
    return false;
  }

  private static String content(Path file) throws IOException {
    try (PushbackInputStream in = new PushbackInputStream(Files.newInputStream(file), 2)) {
      byte[] magic = in.readNBytes(2);
      in.unread(magic);
      boolean packed = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
      InputStream plain = packed ? new GZIPInputStream(in) : in;
      return new String(plain.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
