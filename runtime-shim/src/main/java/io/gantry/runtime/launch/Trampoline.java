package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Architecture;
import java.util.HexFormat;

/**
 * The machine code that clones and carries out a plan in the child, assembled from {@code
 * src/main/asm}; a test holds the bytes against the assembler.
 */
final class Trampoline {
  private static final String X86_64 =
      "5341544889fbb80e000000bf02000000488d7330488d533841ba080000000f05"
          + "488b03488b7b08488b7310488b53184c8b53204c8b43280f054885c074224989"
          + "c4b80e000000bf02000000488d733831d241ba080000000f054c89e0415c5bc3"
          + "4c8b63504c896348498b7c2408488b3f498b742410488b36498b542418488b12"
          + "4d8b5424204d8b124d8b4424284d8b004d8b4c24304d8b09498b04240f054989"
          + "442470483d01f0ffff7238f7d866413b442468742e66413b44246a742666413b"
          + "44246c741e66413b44246e741648c7434001000000b8e7000000bf7f0000000f"
          + "050f0b4981c480000000e975ffffff";

  private static final String AARCH64 =
      "f353bfa9f30300aae81080d2400080d261c2009162e20091030180d2010000d4"
          + "680240f9608640a9628e41a9641640f9010000d4600100b4f40300aae81080d2"
          + "400080d261e20091020080d2030180d2010000d4e00314aaf353c1a8c0035fd6"
          + "742a40f9742600f9808640a9828e41a9849642a9000040f9210040f9420040f9"
          + "630040f9840040f9a50040f9880240f9010000d4803a00f91ffc3fb183020054"
          + "e003004b81d240791f00016b0002005481d640791f00016ba001005481da4079"
          + "1f00016b4001005481de40791f00016be0000054210080d2612200f9c80b80d2"
          + "e00f80d2010000d40000000094020291ddffff17";

  private Trampoline() {}

  /**
   * The code for {@code architecture}: position-independent, a function of the C convention taking
   * a launch's address.
   */
  static byte[] code(Architecture architecture) {
    return HexFormat.of().parseHex(architecture == Architecture.X86_64 ? X86_64 : AARCH64);
  }
}
