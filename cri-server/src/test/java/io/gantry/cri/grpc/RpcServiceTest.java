package io.gantry.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.cri.operation.Operations;
import io.gantry.proto.cri.v1.AttachRequest;
import io.gantry.proto.cri.v1.GetEventsRequest;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.proto.cri.v1.VersionRequest;
import io.gantry.proto.cri.v1.VersionResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
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
}
