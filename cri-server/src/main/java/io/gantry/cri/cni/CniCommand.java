package io.gantry.cri.cni;

/** What a plugin is told to do (CNI_COMMAND). */
enum CniCommand {
  ADD,
  DEL,
  STATUS
}
