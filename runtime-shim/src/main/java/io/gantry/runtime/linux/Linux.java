package io.gantry.runtime.linux;

import java.util.Objects;

/**
 * The kernel as gantry uses it: one object per family of system calls. Immutable and thread-safe.
 */
public final class Linux {
  private final Files files;
  private final Mounts mounts;
  private final Namespaces namespaces;
  private final Processes processes;
  private final Terminals terminals;
  private final Network network;
  private final Events events;
  private final Host host;
  private final Memory memory;
  private final Programs programs;

  /** A kernel made of parts, for tests; {@link #open()} gives the real one. */
  public Linux(
      Files files,
      Mounts mounts,
      Namespaces namespaces,
      Processes processes,
      Terminals terminals,
      Network network,
      Events events,
      Host host,
      Memory memory,
      Programs programs) {
    this.files = Objects.requireNonNull(files);
    this.mounts = Objects.requireNonNull(mounts);
    this.namespaces = Objects.requireNonNull(namespaces);
    this.processes = Objects.requireNonNull(processes);
    this.terminals = Objects.requireNonNull(terminals);
    this.network = Objects.requireNonNull(network);
    this.events = Objects.requireNonNull(events);
    this.host = Objects.requireNonNull(host);
    this.memory = Objects.requireNonNull(memory);
    this.programs = Objects.requireNonNull(programs);
  }

  /** The running kernel. */
  public static Linux open() {
    Kernel kernel = new Kernel();
    Files files = new NativeFiles(kernel);
    Mounts mounts = new NativeMounts(kernel, files);
    Namespaces namespaces = new NativeNamespaces(kernel, files, mounts);
    return new Linux(
        files,
        mounts,
        namespaces,
        new NativeProcesses(kernel, files),
        new NativeTerminals(kernel, files),
        new NativeNetwork(kernel, files, namespaces),
        new NativeEvents(kernel),
        new NativeHost(kernel, files),
        new NativeMemory(kernel),
        new NativePrograms(kernel));
  }

  public Files files() {
    return files;
  }

  public Mounts mounts() {
    return mounts;
  }

  public Namespaces namespaces() {
    return namespaces;
  }

  public Processes processes() {
    return processes;
  }

  public Terminals terminals() {
    return terminals;
  }

  public Network network() {
    return network;
  }

  public Events events() {
    return events;
  }

  public Host host() {
    return host;
  }

  public Memory memory() {
    return memory;
  }

  public Programs programs() {
    return programs;
  }
}
