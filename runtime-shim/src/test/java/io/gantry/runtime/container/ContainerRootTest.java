package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class ContainerRootTest {
  @TempDir Path temp;
  private ContainerTestBench bench;

  @BeforeEach
  void setUp() throws Exception {
    bench = new ContainerTestBench(temp);
  }

  @AfterEach
  void tearDown() throws Exception {
    if (bench != null) {
      bench.close();
    }
  }

  @Test
  void exitCode_isTheProgramsOwn() throws Exception {
    assertEquals(new ContainerTestBench.Outcome(3, "hello\n"), bench.run("echo hello; exit 3"));
  }
}
