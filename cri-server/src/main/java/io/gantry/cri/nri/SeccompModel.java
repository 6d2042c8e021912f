package io.gantry.cri.nri;

import io.gantry.proto.nri.LinuxSeccomp;
import io.gantry.proto.nri.LinuxSeccompArg;
import io.gantry.proto.nri.LinuxSyscall;
import io.gantry.proto.nri.OptionalUInt32;
import io.gantry.runtime.oci.OciSeccomp;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** System call filters, as plugins write them. */
final class SeccompModel {
  private SeccompModel() {}

  static LinuxSeccomp toNri(OciSeccomp seccomp) {
    LinuxSeccomp.Builder nri =
        LinuxSeccomp.newBuilder()
            .setDefaultAction(seccomp.defaultAction())
            .addAllArchitectures(seccomp.architectures())
            .addAllFlags(seccomp.flags())
            .setListenerPath(seccomp.listenerPath().orElse(""))
            .setListenerMetadata(seccomp.listenerMetadata().orElse(""));
    seccomp.defaultErrnoRet().ifPresent(errno -> nri.setDefaultErrno(uint32(errno)));
    for (OciSeccomp.Rule rule : seccomp.syscalls()) {
      LinuxSyscall.Builder call =
          LinuxSyscall.newBuilder().addAllNames(rule.names()).setAction(rule.action());
      rule.errnoRet().ifPresent(errno -> call.setErrnoRet(uint32(errno)));
      for (OciSeccomp.Argument argument : rule.args()) {
        call.addArgs(
            LinuxSeccompArg.newBuilder()
                .setIndex(argument.index())
                .setValue(argument.value())
                .setValueTwo(argument.valueTwo())
                .setOp(argument.op()));
      }
      nri.addSyscalls(call);
    }
    return nri.build();
  }

  private static OptionalUInt32 uint32(int value) {
    return OptionalUInt32.newBuilder().setValue(value).build();
  }

  static OciSeccomp toOci(LinuxSeccomp nri) {
    return new OciSeccomp(
        nri.getDefaultAction(),
        errno(nri.hasDefaultErrno(), nri.getDefaultErrno()),
        nri.getArchitecturesList(),
        nri.getFlagsList(),
        text(nri.getListenerPath()),
        text(nri.getListenerMetadata()),
        nri.getSyscallsList().stream().map(SeccompModel::rule).toList());
  }

  private static OciSeccomp.Rule rule(LinuxSyscall call) {
    List<OciSeccomp.Argument> arguments =
        call.getArgsList().stream()
            .map(
                argument ->
                    new OciSeccomp.Argument(
                        argument.getIndex(),
                        argument.getValue(),
                        argument.getValueTwo(),
                        argument.getOp()))
            .toList();
    return new OciSeccomp.Rule(
        call.getNamesList(),
        call.getAction(),
        errno(call.hasErrnoRet(), call.getErrnoRet()),
        arguments);
  }

  private static OptionalInt errno(boolean set, OptionalUInt32 value) {
    return set ? OptionalInt.of(value.getValue()) : OptionalInt.empty();
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }
}
