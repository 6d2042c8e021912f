package io.gantry.runtime.oci;

import java.util.List;

/**
 * Programs run on the host or in the container around its life, see config.md "POSIX-platform
 * Hooks".
 */
public record OciHooks(
    List<OciHook> prestart,
    List<OciHook> createRuntime,
    List<OciHook> createContainer,
    List<OciHook> startContainer,
    List<OciHook> poststart,
    List<OciHook> poststop) {

  public static final OciHooks NONE =
      new OciHooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public OciHooks {
    prestart = List.copyOf(prestart);
    createRuntime = List.copyOf(createRuntime);
    createContainer = List.copyOf(createContainer);
    startContainer = List.copyOf(startContainer);
    poststart = List.copyOf(poststart);
    poststop = List.copyOf(poststop);
  }
}
