/**
 * Turns a CRI container request, the image's configuration and gantry's defaults into an OCI
 * runtime specification. What is learnt of the host comes in through {@link
 * io.gantry.cri.spec.HostFacts}, so nothing here makes a system call, keeps state or talks to a
 * shim.
 */
package io.gantry.cri.spec;
