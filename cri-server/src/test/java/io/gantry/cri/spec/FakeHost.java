package io.gantry.cri.spec;

import io.gantry.cri.selinux.SeLinuxDefaults;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A host made of what the test says exists; everything may be changed. */
public final class FakeHost implements HostFacts {
  final Set<String> capabilities = new HashSet<>(Capabilities.KNOWN);
  final Map<Path, Path> files = new HashMap<>();
  final Map<Path, Propagation> propagations = new HashMap<>();
  final Map<Path, HostDevice> devices = new TreeMap<>();
  boolean unifiedCgroups;
  boolean appArmor;
  Optional<SeLinuxDefaults> seLinux = Optional.empty();
  boolean recursiveReadOnly = true;

  FakeHost file(String path) {
    return link(path, path);
  }

  FakeHost link(String path, String target) {
    files.put(Path.of(path), Path.of(target));
    return this;
  }

  FakeHost device(String path, char type, long major, long minor) {
    devices.put(Path.of(path), new HostDevice(Path.of(path), type, major, minor, 0660, 0, 6));
    return file(path);
  }

  @Override
  public Set<String> capabilities() {
    return capabilities;
  }

  @Override
  public boolean unifiedCgroups() {
    return unifiedCgroups;
  }

  @Override
  public boolean appArmor() {
    return appArmor;
  }

  @Override
  public Optional<SeLinuxDefaults> seLinux() {
    return seLinux;
  }

  @Override
  public boolean recursiveReadOnly() {
    return recursiveReadOnly;
  }

  @Override
  public Optional<Path> resolve(Path path) {
    return Optional.ofNullable(files.get(path));
  }

  @Override
  public Propagation propagation(Path path) {
    return propagations.getOrDefault(path, Propagation.PRIVATE);
  }

  @Override
  public List<HostDevice> devices(Path path) {
    return devices.values().stream().filter(device -> device.path().startsWith(path)).toList();
  }
}
