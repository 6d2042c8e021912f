package io.gantry.runtime.oci;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A system call filter, see config-linux.md "Seccomp". Names are kept as the document has them.
 *
 * @param defaultAction such as SCMP_ACT_ERRNO
 * @param architectures such as SCMP_ARCH_X86_64; empty means the native one alone
 * @param flags such as SECCOMP_FILTER_FLAG_LOG
 */
public record OciSeccomp(
    String defaultAction,
    OptionalInt defaultErrnoRet,
    List<String> architectures,
    List<String> flags,
    Optional<String> listenerPath,
    Optional<String> listenerMetadata,
    List<Rule> syscalls) {

  public OciSeccomp {
    architectures = List.copyOf(architectures);
    flags = List.copyOf(flags);
    syscalls = List.copyOf(syscalls);
  }

  /** What happens to the named calls when all argument conditions hold. */
  public record Rule(List<String> names, String action, OptionalInt errnoRet, List<Argument> args) {
    public Rule {
      names = List.copyOf(names);
      args = List.copyOf(args);
    }
  }

  /**
   * A condition on one argument.
   *
   * @param index 0 to 5
   * @param value unsigned 64 bits
   * @param valueTwo unsigned 64 bits; the value compared with, for SCMP_CMP_MASKED_EQ
   * @param op such as SCMP_CMP_EQ
   */
  public record Argument(int index, long value, long valueTwo, String op) {}
}
