package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Namespaces: of the calling thread, pinned at paths, and visited by threads that end with the
 * visit.
 *
 * <p>Namespaces are per thread in Linux. {@link #unshare} and {@link #enter} change the calling
 * thread for good, so call them only on a thread made for it.
 */
public interface Namespaces {
  /** unshare(2) with the CLONE_ flags as they are; CLONE_NEWNS brings CLONE_FS with it. */
  void unshare(int flags) throws LinuxException;

  /**
   * setns(2) of the calling thread; {@code kind} is checked by the kernel. PID: only for children
   * made later.
   */
  void enter(Fd namespace, NamespaceKind kind) throws LinuxException;

  /** The calling thread's own namespace. */
  Fd current(NamespaceKind kind) throws LinuxException;

  /** The namespace that process {@code pid} is in. */
  Fd of(int pid, NamespaceKind kind) throws LinuxException;

  /**
   * Opens a pinned namespace.
   *
   * @throws LinuxException EINVAL if what is at {@code path} is no namespace of that kind
   */
  Fd open(String path, NamespaceKind kind) throws LinuxException;

  /**
   * A new namespace (not PID or USER) that lives as long as the descriptor, or a pin, or a process
   * in it.
   */
  Fd create(NamespaceKind kind) throws LinuxException;

  /**
   * Bind-mounts a namespace at {@code path}, making the file if it is missing. On failure no file
   * or mount of ours stays.
   */
  void pin(Fd namespace, String path) throws LinuxException;

  /** Unmounts every pin at {@code path} and removes the file; does nothing if it is not there. */
  void unpin(String path) throws LinuxException;

  /**
   * Runs {@code work} on a thread that has entered the given namespaces and ends afterwards, and
   * returns its result. The caller waits; an interrupt interrupts the visitor. Kinds PID and USER
   * are not for visits.
   */
  <T> T visit(Set<Visit> namespaces, Callable<T> work) throws IOException;

  /** Sets the host name of the calling thread's UTS namespace; use inside {@link #visit}. */
  void setHostname(String name) throws LinuxException;

  /** Sets the NIS domain name of the calling thread's UTS namespace; use inside {@link #visit}. */
  void setDomainname(String name) throws LinuxException;

  /** A namespace to be entered for a visit. */
  record Visit(Fd namespace, NamespaceKind kind) {}
}
