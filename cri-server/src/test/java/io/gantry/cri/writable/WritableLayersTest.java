package io.gantry.cri.writable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.FakeImages;
import io.gantry.cri.container.Rig;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.ContainerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritableLayersTest {
  @TempDir Path directory;
  private Rig rig;
  private WritableLayers layers;

  @BeforeEach
  void open() throws Exception {
    rig = new Rig(directory);
    layers = rig.layers;
  }

  @Test
  void create_again_givesTheSameLayer() throws Exception {
    WritableLayer made = layers.create("web", "busybox");
    assertEquals(made, layers.create("web", "busybox"));
    assertEquals(made, layers.create("web", FakeImages.ID.toString()));
    assertEquals(Set.of("layer.web"), rig.images.snapshots.prepared);
  }

  @Test
  void create_aboveSomethingElse_isRefused() throws Exception {
    layers.create("web", "busybox");
    CriException refused = assertThrows(CriException.class, () -> layers.create("web", ""));
    assertEquals(Failure.ALREADY_EXISTS, refused.failure());
    assertTrue(refused.getMessage().contains(FakeImages.ID.toString()), refused::getMessage);
  }

  @Test
  void create_aboveAnImageThatIsNotHere_leavesNothing() throws Exception {
    CriException missing =
        assertThrows(CriException.class, () -> layers.create("web", "nowhere/none:1"));
    assertEquals(Failure.NOT_FOUND, missing.failure());
    assertEquals(List.of(), layers.list());
    assertEquals(Set.of(), rig.images.snapshots.prepared);
  }

  @Test
  void create_withAKeyThatLeadsElsewhere_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> layers.create("../web", ""));
    assertThrows(IllegalArgumentException.class, () -> layers.create("w/eb", ""));
    assertThrows(IllegalArgumentException.class, () -> layers.create("x".repeat(129), ""));
  }

  @Test
  void container_usesItsLayer_andLeavesItWhenItGoes() throws Exception {
    layers.create("web", "busybox");
    Container container = rig.created(withLayer("app", "web"));
    assertEquals(Set.of("layer.web"), rig.images.snapshots.prepared);
    assertEquals(Optional.of(container.id()), layers.holder("web"));
    CriException used = assertThrows(CriException.class, () -> layers.remove("web"));
    assertEquals(Failure.WRONG_STATE, used.failure());

    rig.removal.remove(container);

    assertEquals(Set.of("layer.web"), rig.images.snapshots.prepared);
    assertEquals(Optional.empty(), layers.holder("web"));
    layers.remove("web");
    assertEquals(Set.of(), rig.images.snapshots.prepared);
    assertEquals(List.of(), layers.list());
  }

  @Test
  void secondContainer_doesNotGetALayerThatIsInUse() throws Exception {
    layers.create("web", "busybox");
    Container first = rig.created(withLayer("app", "web"));
    CriException refused =
        assertThrows(CriException.class, () -> rig.created(withLayer("other", "web")));
    assertEquals(Failure.WRONG_STATE, refused.failure());
    assertTrue(refused.getMessage().contains(first.id()), refused::getMessage);
    assertEquals(Optional.of(first.id()), layers.holder("web"));
  }

  @Test
  void container_whoseLayerIsNotThere_isNotMade() {
    CriException missing =
        assertThrows(CriException.class, () -> rig.created(withLayer("app", "none")));
    assertEquals(Failure.NOT_FOUND, missing.failure());
    assertTrue(missing.getMessage().contains("layer none"), missing::getMessage);
  }

  @Test
  void container_ofAnotherImageThanItsLayer_isRefusedAndLeavesTheLayerFree() throws Exception {
    layers.create("bare", "");
    CriException refused =
        assertThrows(CriException.class, () -> rig.created(withLayer("app", "bare")));
    assertEquals(Failure.INVALID_REQUEST, refused.failure());
    assertEquals(Optional.empty(), layers.holder("bare"));
  }

  @Test
  void open_takesAwayWhatWasHalfMade_andKeepsTheRest() throws Exception {
    layers.create("whole", "busybox");
    layers.create("half", "busybox");
    Path record = directory.resolve("writable-layers/half.json");
    String half = Files.readString(record).replace("\"made\" : true", "\"made\" : false");
    Files.writeString(record, half);

    WritableLayers again = reopen();

    assertEquals(List.of("whole"), again.list().stream().map(WritableLayer::key).toList());
    assertEquals(FakeImages.ID, again.get("whole").image().orElseThrow().id());
    assertEquals(Set.of("layer.whole"), rig.images.snapshots.prepared);
    assertTrue(again.owns("layer.whole"));
    assertFalse(again.owns("layer.half"));
    assertFalse(again.owns("0123abcd"));
  }

  @Test
  void take_waitsForThoseWhoVisitTheFiles() throws Exception {
    layers.create("web", "busybox");
    WritableLayers.Visit visit = layers.visit("web");
    CriException used = assertThrows(CriException.class, () -> layers.remove("web"));
    assertEquals(Failure.WRONG_STATE, used.failure());
    CompletableFuture<WritableLayer> taken =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return layers.take("web", "container");
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertFalse(taken.isDone());
    visit.close();
    assertEquals("web", taken.get().key());
    assertEquals(Optional.of("container"), layers.holder("web"));
  }

  private WritableLayers reopen() throws Exception {
    return WritableLayers.open(
        directory.resolve("writable-layers"), rig.images, rig.clock, FaultPoints.NONE);
  }

  private static ContainerConfig withLayer(String name, String key) {
    return Rig.config(name).putAnnotations(WritableLayers.ANNOTATION, key).build();
  }
}
