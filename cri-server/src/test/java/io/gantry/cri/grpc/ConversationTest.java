package io.gantry.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.gantry.cri.operation.Operations;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.ImportProgress;
import io.gantry.proto.v1.ImportRequest;
import io.gantry.proto.v1.ImportRootFilesystemRequest;
import io.gantry.proto.v1.ImportRootFilesystemResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConversationTest {
  private final Operations operations = new Operations();
  private Server server;
  private ManagedChannel channel;

  private void serve(
      ConversationHandler<ImportRequest, ImportProgress> both,
      ConversationHandler<ImportRootFilesystemRequest, ImportRootFilesystemResponse> once)
      throws IOException {
    String name = InProcessServerBuilder.generateName();
    RpcService service =
        RpcService.of(ImagesGrpc.getServiceDescriptor(), operations)
            .converse(ImagesGrpc.getImportMethod(), both)
            .converse(ImagesGrpc.getImportRootFilesystemMethod(), once);
    server = InProcessServerBuilder.forName(name).addService(service.build()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private static ImportRequest piece(String text) {
    return ImportRequest.newBuilder().setData(ByteString.copyFromUtf8(text)).build();
  }

  @Test
  void bothSides_speakInTurn() throws Exception {
    serve(
        (incoming, answers) -> {
          Optional<ImportRequest> next = incoming.next();
          while (next.isPresent()) {
            answers.send(
                ImportProgress.newBuilder()
                    .setImageId(next.get().getData().toStringUtf8())
                    .build());
            next = incoming.next();
          }
        },
        (incoming, answers) -> {});
    Answer<ImportProgress> answer = new Answer<>();
    StreamObserver<ImportRequest> caller = ImagesGrpc.newStub(channel).import_(answer);
    for (String word : List.of("a", "b", "c")) {
      caller.onNext(piece(word));
    }
    caller.onCompleted();
    assertEquals(
        List.of("a", "b", "c"), answer.all.get().stream().map(ImportProgress::getImageId).toList());
  }

  @Test
  void oneAnswer_comesAfterAllWasTaken() throws Exception {
    serve(
        (incoming, answers) -> {},
        (incoming, answers) -> {
          int count = 0;
          while (incoming.next().isPresent()) {
            count++;
          }
          answers.send(ImportRootFilesystemResponse.newBuilder().setImageId("n" + count).build());
        });
    Answer<ImportRootFilesystemResponse> answer = new Answer<>();
    StreamObserver<ImportRootFilesystemRequest> caller =
        ImagesGrpc.newStub(channel).importRootFilesystem(answer);
    for (int i = 0; i < 100; i++) {
      caller.onNext(ImportRootFilesystemRequest.getDefaultInstance());
    }
    caller.onCompleted();
    assertEquals("n100", answer.all.get().get(0).getImageId());
  }

  @Test
  void failure_reachesACallerWhoStillSends() throws Exception {
    serve(
        (incoming, answers) -> {
          incoming.next();
          throw CriException.invalid("no such thing");
        },
        (incoming, answers) -> {});
    Answer<ImportProgress> answer = new Answer<>();
    StreamObserver<ImportRequest> caller = ImagesGrpc.newStub(channel).import_(answer);
    caller.onNext(piece("a"));
    var failure = assertThrows(ExecutionException.class, answer.all::get);
    Status status = ((StatusRuntimeException) failure.getCause()).getStatus();
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertEquals("no such thing", status.getDescription());
  }

  @Test
  void callerThatGoesAway_endsTheHandlersWaiting() throws Exception {
    CompletableFuture<Thread> waits = new CompletableFuture<>();
    CompletableFuture<String> ended = new CompletableFuture<>();
    serve(
        (incoming, answers) -> {
          waits.complete(Thread.currentThread());
          try {
            incoming.next();
            incoming.next();
          } catch (InterruptedException e) {
            ended.complete("interrupted");
            throw e;
          }
        },
        (incoming, answers) -> {});
    Answer<ImportProgress> answer = new Answer<>();
    var caller =
        (ClientCallStreamObserver<ImportRequest>) ImagesGrpc.newStub(channel).import_(answer);
    caller.onNext(piece("a"));
    waits.get();
    caller.cancel("gone", null);
    assertEquals("interrupted", ended.get());
    waits.get().join();
    assertTrue(operations.inFlight().isEmpty());
  }

  private static final class Answer<R> implements StreamObserver<R> {
    final CompletableFuture<List<R>> all = new CompletableFuture<>();
    private final List<R> soFar = new ArrayList<>();

    @Override
    public void onNext(R message) {
      soFar.add(message);
    }

    @Override
    public void onError(Throwable failure) {
      all.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      all.complete(soFar);
    }
  }
}
