package io.gantry.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.operation.Operations;
import io.gantry.proto.cri.v1.AttachRequest;
import io.gantry.proto.cri.v1.GetEventsRequest;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.proto.cri.v1.VersionRequest;
import io.gantry.proto.cri.v1.VersionResponse;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class RpcServiceTest {
  private Server server;
  private ManagedChannel channel;

  private RuntimeServiceGrpc.RuntimeServiceBlockingStub serve(RpcService service)
      throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(service.build()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
    return RuntimeServiceGrpc.newBlockingStub(channel);
  }

  private static RpcService service() {
    return RpcService.of(RuntimeServiceGrpc.getServiceDescriptor(), new Operations());
  }

  @AfterEach
  void stop() {
    if (server != null) {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void handler_answersItsRpc() throws IOException {
    var stub =
        serve(
            service()
                .handle(
                    RuntimeServiceGrpc.getVersionMethod(),
                    request ->
                        VersionResponse.newBuilder().setVersion(request.getVersion()).build()));
    var request = VersionRequest.newBuilder().setVersion("7").build();
    assertEquals("7", stub.version(request).getVersion());
  }

  @Test
  void rpcWithoutHandler_isUnimplementedWithItsName() throws IOException {
    var stub = serve(service());
    var e =
        assertThrows(
            StatusRuntimeException.class, () -> stub.attach(AttachRequest.getDefaultInstance()));
    assertEquals(Status.Code.UNIMPLEMENTED, e.getStatus().getCode());
    assertEquals(
        "runtime.v1.RuntimeService/Attach is not built in gantry", e.getStatus().getDescription());
  }

  @Test
  void streamWithoutHandler_isUnimplementedWithItsName() throws IOException {
    var stub = serve(service());
    var stream = stub.getContainerEvents(GetEventsRequest.getDefaultInstance());
    var e = assertThrows(StatusRuntimeException.class, stream::hasNext);
    assertEquals(Status.Code.UNIMPLEMENTED, e.getStatus().getCode());
    assertEquals(
        "runtime.v1.RuntimeService/GetContainerEvents is not built in gantry",
        e.getStatus().getDescription());
  }

  private Status statusOf(Exception failure) throws IOException {
    var stub =
        serve(
            service()
                .handle(
                    RuntimeServiceGrpc.getStopContainerMethod(),
                    request -> {
                      throw failure;
                    }));
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub.stopContainer(StopContainerRequest.getDefaultInstance()));
    return e.getStatus();
  }

  @Test
  void criException_keepsItsCategoryAndWords() throws IOException {
    Status status = statusOf(CriException.notFound("container 1 does not exist"));
    assertEquals(Status.Code.NOT_FOUND, status.getCode());
    assertEquals("container 1 does not exist", status.getDescription());
  }

  @Test
  void timeout_isDeadlineExceeded() throws IOException {
    assertEquals(Status.Code.DEADLINE_EXCEEDED, statusOf(new TimeoutException("x")).getCode());
  }

  @Test
  void valueThatRefusesItself_isTheCallersMistake() throws IOException {
    Status status = statusOf(new IllegalArgumentException("\"a b\" is no name"));
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertEquals("\"a b\" is no name", status.getDescription());
  }

  @Test
  void ioFailure_isInternalWithItsWords() throws IOException {
    Status status = statusOf(new IOException("mount overlay on /x: EBUSY"));
    assertEquals(Status.Code.INTERNAL, status.getCode());
    assertEquals("mount overlay on /x: EBUSY", status.getDescription());
  }

  @Test
  void fullDisk_isExhaustionOfAResource_whoeverFoundIt() throws IOException {
    IOException full =
        assertThrows(
            IOException.class,
            () -> {
              try (var out = Files.newOutputStream(Path.of("/dev/full"))) {
                out.write(1);
              }
            });
    List<Exception> all =
        List.of(
            full,
            new IOException("pod 1: " + full.getMessage(), full),
            new CriException(Failure.INTERNAL, "pull image x: no", full),
            new FileSystemException("/x", null, full.getMessage()),
            new IOException("create", new LinuxException("write /x", Errno.ENOSPC)),
            new LinuxException("write /x", Errno.EDQUOT));
    for (Exception failure : all) {
      Status status = statusOf(failure);
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode(), failure::toString);
      assertEquals(failure.getMessage(), status.getDescription());
    }
  }

  @Test
  void bugWithoutWords_isInternalAndNamedByItsType() throws IOException {
    Status status = statusOf(new NullPointerException());
    assertEquals(Status.Code.INTERNAL, status.getCode());
    assertEquals("java.lang.NullPointerException", status.getDescription());
  }

  @Test
  void secondHandlerForAnRpc_isRefused(TestInfo info) {
    RpcService service = service().handle(RuntimeServiceGrpc.getVersionMethod(), request -> null);
    assertThrows(
        IllegalArgumentException.class,
        () -> service.handle(RuntimeServiceGrpc.getVersionMethod(), request -> null),
        info.getDisplayName());
  }

  @Test
  void bytesThatAreNoMessage_areTheCallersMistake() throws IOException {
    serve(service().handle(RuntimeServiceGrpc.getVersionMethod(), request -> null));
    var bytes =
        RuntimeServiceGrpc.getVersionMethod().toBuilder(
                new Garbage(), RuntimeServiceGrpc.getVersionMethod().getResponseMarshaller())
            .build();

    var e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    channel, bytes, CallOptions.DEFAULT, "\012\177 too short"));

    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(
        e.getStatus()
            .getDescription()
            .startsWith("the request for runtime.v1.RuntimeService/Version is no message"),
        e.getStatus()::toString);
  }

  @Test
  void verdictOfAShim_isTheCallers() throws IOException {
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        statusOf(new TtrpcException(TtrpcCode.INVALID_ARGUMENT, "cpu.shares")).getCode());
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        statusOf(new TtrpcException(TtrpcCode.NOT_FOUND, "program")).getCode());
    assertEquals(
        Status.Code.INTERNAL, statusOf(new TtrpcException(TtrpcCode.UNKNOWN, "disk")).getCode());
  }

  @Test
  void endlessWords_areCutInTheMiddleSoThatTheCallerSeesThem() throws IOException {
    String asked = "container " + "\u00e4".repeat(1 << 20) + " not found";

    String words = statusOf(CriException.notFound(asked)).getDescription();

    assertTrue(words.startsWith("container \u00e4\u00e4"), words);
    assertTrue(words.endsWith("\u00e4 not found"), words);
    assertTrue(words.contains(" characters left out) "), words);
    assertTrue(words.length() < 4096, () -> words.length() + " characters");
  }

  /** Text as the bytes of a message. */
  private static final class Garbage implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public String parse(InputStream stream) {
      throw new UnsupportedOperationException("requests are not read here");
    }
  }
}
