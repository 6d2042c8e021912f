package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.DeviceNumber;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Directories with plain files in the shape of cgroup hierarchies. */
final class FakeCgroupFiles {
  final Linux linux = Linux.open();
  final Path root;

  FakeCgroupFiles(Path root) {
    this.root = root;
  }

  ControlDirectory directory(String name, String... filesAndContents) throws IOException {
    Path path = root.resolve(name);
    Files.createDirectories(path);
    for (int i = 0; i < filesAndContents.length; i += 2) {
      Files.writeString(path.resolve(filesAndContents[i]), filesAndContents[i + 1]);
    }
    return new ControlDirectory(linux.files(), path.toString());
  }

  MountInfo mount(String name, String type, String superOptions) {
    return new MountInfo(
        1,
        0,
        new DeviceNumber(0, 1),
        "/",
        root.resolve(name).toString(),
        "rw",
        List.of(),
        type,
        type,
        superOptions);
  }

  /** Written values: plain files keep what lies behind a shorter text, so only prefixes count. */
  static String written(ControlDirectory directory, String file) throws IOException {
    return Files.readString(Path.of(directory.path(), file));
  }
}
