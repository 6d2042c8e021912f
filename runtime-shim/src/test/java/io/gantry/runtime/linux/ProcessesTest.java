package io.gantry.runtime.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProcessesTest {
  private final Linux linux = Linux.open();
  private final Processes processes = linux.processes();

  @Test
  void ownProcess_isKnown() throws Exception {
    int pid = processes.pid();
    assertEquals(ProcessHandle.current().pid(), pid);
    OptionalLong start = processes.startTime(pid);
    assertTrue(start.getAsLong() > 0);
    assertEquals(start, processes.startTime(pid));
    processes.kill(pid, 0);
    try (Fd pidfd = processes.openPidfd(pid)) {
      processes.signal(pidfd, 0);
    }
  }

  @Test
  void missingProcess_isNotFound() throws Exception {
    assertEquals(OptionalLong.empty(), processes.startTime(0x3fffffff));
    LinuxException e = assertThrows(LinuxException.class, () -> processes.openPidfd(0x3fffffff));
    assertTrue(e.errno() == Errno.ESRCH || e.errno() == Errno.EINVAL, e.getMessage());
  }

  @Test
  void limits_areReadAndSet() throws Exception {
    ResourceLimit before = processes.limit(0, Resources.CORE);
    ResourceLimit lowered = new ResourceLimit(0, before.hard());
    processes.setLimit(0, Resources.CORE, lowered);
    assertEquals(lowered, processes.limit(0, Resources.CORE));
    processes.setLimit(0, Resources.CORE, before);
    assertEquals(Resources.NOFILE, Resources.number("RLIMIT_NOFILE").getAsInt());
    assertTrue(Resources.number("RLIMIT_NONSENSE").isEmpty());
  }

  @Test
  void oomScore_isSetOrClampedToWhatTheKernelTakes() throws Exception {
    int pid = processes.pid();
    int before = processes.oomScoreAdj(pid);
    int raised = Math.min(before + 5, 1000);
    assertEquals(raised, processes.setOomScoreAdj(pid, raised));
    assertEquals(raised, processes.oomScoreAdj(pid));
    int lowest = processes.setOomScoreAdj(pid, -1000);
    assertEquals(lowest, processes.oomScoreAdj(pid));
    assertTrue(lowest <= raised);
    processes.setOomScoreAdj(pid, before);
    assertThrows(IllegalArgumentException.class, () -> processes.setOomScoreAdj(pid, 1001));
  }

  @Test
  void kernelVersion_isParsedAndCompared() throws Exception {
    Host.KernelVersion kernel = linux.host().kernel();
    assertTrue(kernel.isAtLeast(5, 10), kernel.release());
    assertEquals(new Host.KernelVersion(5, 10, "5.10-rc1"), NativeHost.parse("5.10-rc1"));
    assertFalse(NativeHost.parse("4.19.0-1-amd64").isAtLeast(5, 0));
    assertTrue(linux.host().lastCapability() >= 37);
  }

  @Test
  void mountTable_isParsed() throws Exception {
    List<MountInfo> mounts =
        MountTable.parse(
            "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,e=c\n"
                + "37 35 0:5 / / rw - tmpfs  rw\n");
    assertEquals("/mnt 2", mounts.get(0).target());
    assertEquals(new DeviceNumber(98, 0), mounts.get(0).device());
    assertEquals(List.of("master:1", "shared:7"), mounts.get(0).propagation());
    assertTrue(mounts.get(0).isShared() && mounts.get(0).isSlave());
    assertEquals("", mounts.get(1).source());
    assertFalse(linux.mounts().mountInfo().isEmpty());
    assertEquals("a b\\z", MountTable.unescape("a\\040b\\134z"));
    assertEquals("end ", MountTable.unescape("end\\040"));
  }

  @Test
  void interfaceCounters_areParsed() throws Exception {
    List<Network.InterfaceCounters> counters =
        NativeNetwork.parse(
            "Inter-|   Receive  |  Transmit\n face |bytes packets\n"
                + "  eth0:12 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    assertEquals(
        List.of(new Network.InterfaceCounters("eth0", 12, 2, 3, 4, 9, 10, 11, 12)), counters);
  }

  @Test
  void events_wakeAPoll() throws Exception {
    Events events = linux.events();
    long[] tokens = new long[4];
    int[] what = new int[4];
    try (Fd poll = events.createPoll();
        Fd event = events.createEvent();
        Pipe pipe = linux.files().pipe2(0)) {
      events.add(poll, event, Events.EPOLLIN, 7);
      events.add(poll, pipe.readEnd(), Events.EPOLLIN, -8);
      assertEquals(0, events.await(poll, tokens, what, 0));
      events.raise(event);
      events.raise(event);
      assertEquals(1, events.await(poll, tokens, what, -1));
      assertEquals(7, tokens[0]);
      assertEquals(Events.EPOLLIN, what[0]);
      events.clear(event);
      events.clear(event);
      linux.files().writeFully(pipe.writeEnd(), new byte[1]);
      assertEquals(1, events.await(poll, tokens, what, -1));
      assertEquals(-8, tokens[0]);
      events.modify(poll, pipe.readEnd(), 0, 0);
      assertEquals(0, events.await(poll, tokens, what, 0));
      events.remove(poll, pipe.readEnd());
    }
  }

  @Test
  void terminal_carriesTextAndSize() throws Exception {
    Terminals terminals = linux.terminals();
    try (Fd master = terminals.openMaster(Fd.CWD, "/dev/ptmx");
        Fd slave = terminals.openSlave(master)) {
      assertTrue(terminals.number(master) >= 0);
      terminals.setWindowSize(master, new Terminals.WindowSize(132, 43));
      assertEquals(new Terminals.WindowSize(132, 43), terminals.windowSize(slave));
      linux.files().writeFully(slave, "hello\n".getBytes(StandardCharsets.UTF_8));
      byte[] buffer = new byte[100];
      int length = linux.files().read(master, buffer, 0, 100);
      assertEquals("hello\r\n", new String(buffer, 0, length, StandardCharsets.UTF_8));
    }
    LinuxException e =
        assertThrows(
            LinuxException.class,
            () -> {
              try (Pipe pipe = linux.files().pipe2(0)) {
                terminals.windowSize(pipe.readEnd());
              }
            });
    assertEquals(Errno.ENOTTY, e.errno());
  }

  @Test
  void text_keepsAnyBytes() {
    byte[] every = new byte[256];
    for (int i = 0; i < every.length; i++) {
      every[i] = (byte) i;
    }
    org.junit.jupiter.api.Assertions.assertArrayEquals(
        every, NativeText.encode(NativeText.decode(every)));
    for (String text : List.of("", "plain", "ünïcode", "\uD83D\uDE00 smile", "\uFFFD kept")) {
      assertEquals(text, NativeText.decode(NativeText.encode(text)));
    }
    byte[] broken = {(byte) 0xed, (byte) 0xa0, (byte) 0x80, 'x', (byte) 0xe2, (byte) 0x82};
    org.junit.jupiter.api.Assertions.assertArrayEquals(
        broken, NativeText.encode(NativeText.decode(broken)));
  }
}
