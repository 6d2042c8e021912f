package io.gantry.runtime.linux;

/** BPF programs attached to cgroups (bpf(2)). */
public interface Programs {
  /**
   * Makes a program the one that decides about device accesses from a v2 cgroup, in place of those
   * attached there before. At no moment is there none.
   *
   * @param cgroup the cgroup's directory
   * @param instructions of 64 bits each, of a program of type BPF_PROG_TYPE_CGROUP_DEVICE
   * @throws LinuxException EINVAL or EACCES if the kernel's verifier refuses the program
   */
  void setDeviceProgram(Fd cgroup, long[] instructions) throws LinuxException;
}
