package io.gantry.image.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.reference.Digest;
import io.gantry.image.step.Steps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryStorageTest {

  private static final byte[] BLOB = "blob".getBytes(StandardCharsets.UTF_8);
  private static final Digest DIGEST = Digest.sha256(BLOB);

  @TempDir Path root;

  private ContentStore content() throws IOException {
    return ContentStore.open(root.resolve("content"), Steps.UNOBSERVED);
  }

  private static Repository repository(RegistryStorage storage) {
    return storage.repositories().get(new RepositoryName("a/b"));
  }

  @Test
  void registryThatNobodyServes_keepsItsBlobs() throws Exception {
    RegistryStorage served = RegistryStorage.alone(root);
    served.content().write(DIGEST, BLOB);
    repository(served).addBlob(DIGEST);

    ContentStore later = content();
    assertTrue(RegistryStorage.claim(later, root, () -> {}).isPresent());
    later.claims().sweep(later::retainOnly);

    assertEquals(Set.of(DIGEST), later.list());
  }

  @Test
  void nodeThatNeverWasARegistry_doesNotBecomeOne() throws Exception {
    assertEquals(Optional.empty(), RegistryStorage.claim(content(), root, () -> {}));

    assertFalse(Files.exists(root.resolve("registry")));
  }

  @Test
  void blobThatIsHeld_isNotCollectedBeforeItIsWrittenDown() throws Exception {
    RegistryStorage storage = RegistryStorage.alone(root);
    ContentStore content = storage.content();

    content
        .claims()
        .holding(
            DIGEST,
            () -> {
              content.write(DIGEST, BLOB);
              storage.collector().collect();
              assertTrue(content.has(DIGEST));
              repository(storage).addBlob(DIGEST);
              return null;
            });
    storage.collector().collect();
    assertTrue(content.has(DIGEST));

    repository(storage).removeBlob(DIGEST);
    storage.collector().collect();
    assertFalse(content.has(DIGEST));
  }

  @Test
  void foreignFiles_areNobodysRepositories() throws Exception {
    RegistryStorage storage = RegistryStorage.alone(root);
    Path repositories = root.resolve("registry/repositories");
    Files.createDirectories(repositories.resolve("UPPER/_manifests/sha256"));
    Files.writeString(repositories.resolve("note"), "somebody's");
    storage.content().write(DIGEST, BLOB);
    repository(storage).addBlob(DIGEST);

    assertEquals(List.of(), storage.repositories().names());
    assertEquals(Set.of(DIGEST), storage.repositories().claimed());
  }
}
