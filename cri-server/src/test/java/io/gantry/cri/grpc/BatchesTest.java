package io.gantry.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.operation.Operations;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.ListPodSandboxResponse;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.StreamPodSandboxesRequest;
import io.gantry.proto.cri.v1.StreamPodSandboxesResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchesTest {
  private final List<List<PodSandbox>> batches = new ArrayList<>();

  @Test
  void send_ofNothingSendsNoMessage() throws InterruptedException {
    send(pods(0, 0));
    assertEquals(List.of(), batches);
  }

  @Test
  void send_boundsBatchesByCount() throws InterruptedException {
    send(pods(2 * Batches.MOST_ITEMS + 1, 0));
    assertEquals(
        List.of(Batches.MOST_ITEMS, Batches.MOST_ITEMS, 1),
        batches.stream().map(List::size).toList());
  }

  @Test
  void send_boundsBatchesByBytes() throws InterruptedException {
    List<PodSandbox> pods = pods(100, 100_000);
    send(pods);
    assertEquals(pods, batches.stream().flatMap(List::stream).toList());
    for (List<PodSandbox> batch : batches) {
      assertTrue(message(batch).getSerializedSize() <= Batches.LARGEST_BYTES);
    }
  }

  @Test
  void send_sendsAnItemLargerThanABatchAlone() throws InterruptedException {
    List<PodSandbox> pods = new ArrayList<>(pods(1, 10));
    pods.addAll(pods(1, 2 * Batches.LARGEST_BYTES));
    pods.addAll(pods(1, 10));
    send(pods);
    assertEquals(List.of(1, 1, 1), batches.stream().map(List::size).toList());
  }

  /** 20 MB in all: more than a client takes by default, and more than a kubelet does. */
  @Test
  void tenThousandRecords_reachAClientWithDefaultLimitsOnlyAsAStream() throws Exception {
    List<PodSandbox> pods = pods(10_000, 2000);
    RpcService service =
        RpcService.of(RuntimeServiceGrpc.getServiceDescriptor(), new Operations())
            .handle(
                RuntimeServiceGrpc.getListPodSandboxMethod(),
                request -> ListPodSandboxResponse.newBuilder().addAllItems(pods).build())
            .stream(
                RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
                (request, answers) -> Batches.send(pods, BatchesTest::message, answers));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Server server = NettyServerBuilder.forAddress(any).addService(service.build()).build().start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(server.getListenSockets().get(0)).usePlaintext().build();
    try {
      var stub = RuntimeServiceGrpc.newBlockingStub(channel);
      List<PodSandbox> streamed = new ArrayList<>();
      stub.streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance())
          .forEachRemaining(message -> streamed.addAll(message.getPodSandboxesList()));
      assertEquals(pods, streamed);

      var all = ListPodSandboxRequest.getDefaultInstance();
      var e = assertThrows(StatusRuntimeException.class, () -> stub.listPodSandbox(all));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
      var patient = stub.withMaxInboundMessageSize(80 << 20);
      assertEquals(pods, patient.listPodSandbox(all).getItemsList());
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private static List<PodSandbox> pods(int count, int labelBytes) {
    List<PodSandbox> pods = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pods.add(
          PodSandbox.newBuilder().setId("p" + i).putLabels("l", "x".repeat(labelBytes)).build());
    }
    return pods;
  }

  private static StreamPodSandboxesResponse message(List<PodSandbox> batch) {
    return StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(batch).build();
  }

  private void send(List<PodSandbox> pods) throws InterruptedException {
    Batches.send(pods, BatchesTest::message, new Collected());
  }

  private final class Collected implements Answers<StreamPodSandboxesResponse> {
    @Override
    public void send(StreamPodSandboxesResponse message) {
      batches.add(message.getPodSandboxesList());
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.empty();
    }

    @Override
    public void open(String headerName, String value) {}

    @Override
    public void trailer(String name, String value) {}
  }
}
